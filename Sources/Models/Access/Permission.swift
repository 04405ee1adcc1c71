// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What may be done: an action on a kind of resource.
package struct Permission: Hashable, Sendable {
    package let id: Identifier<Permission>
    package let name: PermissionName
    package let description: String
    /// The API itself asks for it; it cannot be deleted.
    package let isBuiltIn: Bool
    package let createdAt: Timestamp

    package init(
        id: Identifier<Permission>,
        name: PermissionName,
        description: String,
        isBuiltIn: Bool = false,
        createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.isBuiltIn = isBuiltIn
        self.createdAt = createdAt
    }
}
