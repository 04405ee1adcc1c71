// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// How many hold a role or a permission: what is held cannot be deleted.
package struct AccessUse: Hashable, Sendable {
    /// Roles that give a permission; 0 for a role.
    package let roles: Int
    /// Users that hold a role; 0 for a permission.
    package let users: Int
    /// API keys that were given it and are neither revoked nor expired.
    package let apiKeys: Int

    package init(roles: Int = 0, users: Int = 0, apiKeys: Int = 0) {
        self.roles = roles
        self.users = users
        self.apiKeys = apiKeys
    }
}
