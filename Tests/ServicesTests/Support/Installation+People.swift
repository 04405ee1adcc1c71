// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

import struct FoundationEssentials.UUID

/// Who and what is there, without asking a service.
extension Installation {
    /// A user with an address of their own, who is there from now on and holds the roles of these names.
    @discardableResult
    func addUser(
        _ name: String = "ada",
        isActive: Bool = true,
        isEmailVerified: Bool = true,
        roles: Set<String> = [BuiltIn.Role.user]
    ) throws -> User {
        let user = User(
            id: .make(at: clock.now()),
            email: try #require(EmailAddress("\(name)@example.com")),
            isEmailVerified: isEmailVerified,
            displayName: name,
            isActive: isActive,
            createdAt: clock.now(),
            updatedAt: clock.now()
        )
        try store.access { tables throws(DomainError) in tables.users[user.id] = user }
        try setRoles(of: user, roles)
        return user
    }

    /// From now on the user holds these roles and no others.
    func setRoles(of user: User, _ names: Set<String>) throws {
        let roles = store.tables.roles(named: names)
        try #require(roles.count == names.count)
        try store.access { tables throws(DomainError) in tables.userRoles[user.id] = Set(roles.map(\.id)) }
    }

    /// Makes a role, and those of its permissions that do not exist.
    @discardableResult
    func addRole(_ name: String, _ permissions: Set<String> = []) -> Role {
        for permission in permissions.subtracting(store.tables.permissionNames) {
            store.addPermission(permission, at: clock.now())
        }
        return store.addRole(name, permissions, at: clock.now())
    }

    /// From now on the role gives these permissions and no others.
    func setPermissions(of role: Role, _ permissions: Set<String>) throws {
        try store.access { tables throws(DomainError) in
            tables.roles[role.id] = role.with(permissions: permissions)
        }
    }

    /// The permission of this name, made when there is none.
    func permission(_ name: String) throws -> Permission {
        try #require(
            store.tables.permissions.values.first { $0.name.description == name }
                ?? store.addPermission(name, at: clock.now())
        )
    }

    func role(_ name: String) throws -> Role {
        try #require(store.tables.roles(named: [name]).first)
    }

    func deactivate(_ user: User) throws {
        try store.access { tables throws(DomainError) in
            tables.users[user.id] = tables.users[user.id]?.with(isActive: false)
        }
        note(.user, user.id.uuid)
    }

    /// Lets this worker see that something was revoked.
    func note(_ kind: Revocation.Kind, _ subject: UUID) {
        revocations.add([Revocation(transaction: 1, kind: kind.rawValue, subject: subject)], at: clock.now())
    }

    func remove(_ user: User) throws {
        try store.access { tables throws(DomainError) in tables.users[user.id] = nil }
    }

    func profile(of user: User) throws -> UserProfile {
        try #require(store.tables.profile(user.id))
    }

    /// The user with an access token made now.
    func token(of user: User) throws -> Principal {
        Principal(
            userID: user.id,
            credential: .accessToken(session: .make(at: clock.now())),
            grants: try profile(of: user).grants
        )
    }

    /// The user with a new API key that has these grants.
    func key(of user: User, _ grants: Grants) async throws -> Principal {
        let created = try await apiKeys.create(
            NewAPIKey(owner: user.id, name: "key in hand", grants: grants),
            by: .shell
        )
        return try await authentication.principal(apiKey: created.secret.exposed)
    }
}
