// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A named set of permissions that users and API keys hold.
package struct Role: Hashable, Sendable {
    package let id: Identifier<Role>
    package let name: String
    package let description: String
    /// Every installation has it; it can neither be renamed nor deleted.
    package let isBuiltIn: Bool
    /// Holds every permission there is, also those created later.
    package let grantsAllPermissions: Bool
    /// The names of the permissions that come with it now.
    package let permissions: Set<String>
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package init(
        id: Identifier<Role>,
        name: String,
        description: String,
        isBuiltIn: Bool = false,
        grantsAllPermissions: Bool = false,
        permissions: Set<String>,
        createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.isBuiltIn = isBuiltIn
        self.grantsAllPermissions = grantsAllPermissions
        self.permissions = permissions
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
