// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// A permission: an action on a kind of resource.
package struct PermissionResponse: ResourceSchema {
    private let permission: Permission

    package init(_ permission: Permission) {
        self.permission = permission
    }

    package var resourceID: String { permission.id.description }

    package static let properties: [Property<PermissionResponse>] = [
        .id("id") { $0.permission.id },
        .text("name", "Resource and action with a colon between: what tokens, roles and rules call it.") {
            $0.permission.name.description
        },
        .text("resource", "On what something may be done.") { $0.permission.name.resource },
        .text("action", "What may be done.") { $0.permission.name.action },
        .text("description", "What the permission is for.") { $0.permission.description },
        .boolean("is_built_in", "Whether the API itself asks for it; it cannot be deleted.") {
            $0.permission.isBuiltIn
        },
        .time("created_at") { $0.permission.createdAt },
    ]
}
