// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// A role with the permissions that it gives.
package struct RoleResponse: ResourceSchema {
    private let role: Role

    package init(_ role: Role) {
        self.role = role
    }

    package var resourceID: String { role.id.description }

    package static let properties: [Property<RoleResponse>] = [
        .id("id") { $0.role.id },
        .text("name", "What tokens and rules call the role.") { $0.role.name },
        .text("description", "What the role is for.") { $0.role.description },
        .boolean("is_built_in", "Whether every installation has it; it can neither be renamed nor deleted.") {
            $0.role.isBuiltIn
        },
        .texts("permissions", "Names of the permissions that the role gives; admin gives all there are.") {
            $0.role.permissions
        },
        .time("created_at") { $0.role.createdAt },
        .time("updated_at", "When the role or its permissions last changed.") { $0.role.updatedAt },
    ]
}
