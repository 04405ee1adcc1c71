// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What a database would hold.
///
/// What users and keys may do is derived from roles and permissions, as there.
struct InMemoryTables: Equatable, Sendable {
    struct Reply: Equatable, Sendable {
        var fingerprint: [UInt8]
        /// Nil from taking the key until its transaction is over.
        var sealedReply: String?
        var expiresAt: Timestamp
    }

    struct Code: Equatable, Sendable {
        let code: AuthorizationCode
        /// Nil until it is used.
        var session: Identifier<Session>?
    }

    var users: [Identifier<User>: User] = [:]
    var identities = InMemoryIdentities()
    var roles: [Identifier<Role>: Role] = [:]
    var userRoles: [Identifier<User>: Set<Identifier<Role>>] = [:]
    var permissions: [Identifier<Permission>: Permission] = [:]
    /// Under the hashes of their secrets; a revoked key is gone.
    var apiKeys: [[UInt8]: APIKey] = [:]
    /// Under the hashes of the keys.
    var replies: [[UInt8]: Reply] = [:]
    /// Under the hashes of the codes.
    var authorizationCodes: [[UInt8]: Code] = [:]
    var sessions = InMemorySessions()
    var auditEvents: [AuditEvent] = []

    var permissionNames: Set<String> { Set(permissions.values.map(\.name.description)) }

    /// The role as the database tells it: one that grants all permissions has every one of them.
    func role(_ id: Identifier<Role>) -> Role? {
        roles[id].map { $0.with(permissions: $0.grantsAllPermissions ? permissionNames : $0.permissions) }
    }

    func roles(named names: Set<String>) -> [Role] {
        roles.values.filter { names.contains($0.name) }.compactMap { role($0.id) }
    }

    func profile(_ id: Identifier<User>) -> UserProfile? {
        users[id].map { user in
            let held = (userRoles[id] ?? []).compactMap(role)
            return UserProfile(
                user: user,
                grants: Grants(roles: Set(held.map(\.name)), permissions: Set(held.flatMap(\.permissions)))
            )
        }
    }

    /// What was given to the key, with the permissions that come with its roles.
    func grants(of key: APIKey) -> Grants {
        let given = roles(named: key.grants.roles)
        return Grants(
            roles: Set(given.map(\.name)),
            permissions: key.grants.permissions.union(given.flatMap(\.permissions))
        )
    }
}

extension Role {
    /// The same role, but for what is given.
    func with(permissions: Set<String>, at instant: Timestamp? = nil) -> Role {
        Role(
            id: id,
            name: name,
            description: description,
            isBuiltIn: isBuiltIn,
            grantsAllPermissions: grantsAllPermissions,
            permissions: permissions,
            createdAt: createdAt,
            updatedAt: instant ?? updatedAt
        )
    }
}

extension User {
    /// The same user, but for what is given.
    func with(isActive: Bool? = nil, at instant: Timestamp? = nil) -> User {
        User(
            id: id,
            email: email,
            isEmailVerified: isEmailVerified,
            displayName: displayName,
            isActive: isActive ?? self.isActive,
            createdAt: createdAt,
            updatedAt: instant ?? updatedAt
        )
    }
}
