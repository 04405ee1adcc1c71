// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The roles and permissions that every installation has.
///
/// The migration that seeds them says the same.
package enum BuiltIn {
    /// Names of roles.
    package enum Role {
        /// Holds every permission there is, also those created later.
        package static let admin = "admin"
        /// What the first sign-in gives: nothing beyond oneself.
        package static let user = "user"
    }

    /// Names of permissions.
    package enum Permission {
        package static let usersRead = "users:read"
        package static let usersWrite = "users:write"
        package static let usersDelete = "users:delete"
        package static let rolesRead = "roles:read"
        package static let rolesWrite = "roles:write"
        package static let rolesDelete = "roles:delete"
        package static let rolesAssign = "roles:assign"
        package static let permissionsRead = "permissions:read"
        package static let permissionsWrite = "permissions:write"
        package static let apiKeysManage = "api_keys:manage"
        package static let tokensIntrospect = "tokens:introspect"
        package static let auditRead = "audit:read"
    }
}
