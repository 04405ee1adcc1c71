// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

final class InMemoryUserRepository: UserRepository {
    let outage = Outage()
    private let store: InMemoryStore
    private let beforeCreate = Mutex<(@Sendable () -> Void)?>(nil)

    init(store: InMemoryStore) {
        self.store = store
    }

    /// Every user there is.
    var all: [UserProfile] {
        let tables = store.tables
        return tables.users.keys.compactMap(tables.profile)
    }

    /// Runs `body` once, before the next user is created: for what another process does meanwhile.
    func beforeNextCreate(_ body: @escaping @Sendable () -> Void) {
        beforeCreate.withLock { $0 = body }
    }

    func profile(of id: Identifier<User>) throws(DomainError) -> UserProfile? {
        try outage.check()
        return store.tables.profile(id)
    }

    func user(issuer: String, subject: String) throws(DomainError) -> User? {
        try outage.check()
        let tables = store.tables
        return tables.identities.owner(issuer: issuer, subject: subject).flatMap { tables.users[$0] }
    }

    func profile(email: EmailAddress) throws(DomainError) -> UserProfile? {
        try outage.check()
        return all.first { $0.user.email == email }
    }

    func lockedProfile(of id: Identifier<User>) throws(DomainError) -> UserProfile? {
        try InMemoryTransactions.requireAny()
        return try profile(of: id)
    }

    func list(
        _ filter: UserFilter,
        after: UserListItem.Place?,
        limit: Int
    ) throws(DomainError) -> [UserListItem] {
        try outage.check()
        let tables = store.tables
        let users = all.filter { profile in
            (filter.isActive.map { $0 == profile.user.isActive } ?? true)
                && (filter.text.map { profile.user.email.text.hasPrefix($0.lowercased()) } ?? true)
                && (filter.role.map { tables.userRoles[profile.user.id]?.contains($0) ?? false } ?? true)
        }
        return users.page(after: after?.id, limit: limit, id: \.user.id)
            .map { UserListItem(user: $0.user, roles: Array($0.grants.roles), place: .init(id: $0.user.id)) }
    }

    func create(
        _ user: User,
        roles names: Set<String>,
        linkedTo identity: ExternalIdentity?,
        for holder: PermissionHolder?,
        recording event: AuditEvent
    ) throws(DomainError) -> UserProfile? {
        if names != [BuiltIn.Role.user] { try InMemoryTransactions.requireExclusive() }
        try outage.check()
        let meanwhile = beforeCreate.withLock { body in
            defer { body = nil }
            return body
        }
        meanwhile?()
        return try store.access { tables throws(DomainError) in
            let roles = tables.roles(named: names)
            guard roles.count == names.count else { throw .unknown("roles") }
            if let holder {
                guard
                    let profile = tables.profile(holder.user), profile.user.isActive,
                    profile.grants.permissions.contains(holder.permission)
                else { return nil }
            }
            let isTaken = tables.users.values.contains { $0.email == user.email }
            let owner = identity.flatMap { tables.identities.owner(issuer: $0.issuer, subject: $0.subject) }
            guard !isTaken, owner == nil else { throw .taken }
            tables.users[user.id] = user
            tables.userRoles[user.id] = Set(roles.map(\.id))
            if let identity { tables.identities.link(identity, to: user.id, at: user.createdAt) }
            guard let profile = tables.profile(user.id) else { throw .unknown("users") }
            tables.auditEvents.append(event)
            return profile
        }
    }

    func change(_ user: User) throws(DomainError) -> Bool {
        try InMemoryTransactions.requireAny()
        try outage.check()
        return try store.access { tables throws(DomainError) in
            guard let present = tables.users[user.id] else { return false }
            if present.isActive != user.isActive { try InMemoryTransactions.requireExclusive() }
            let isTaken = tables.users.values.contains { $0.email == user.email && $0.id != user.id }
            guard !isTaken else { throw .taken }
            tables.users[user.id] = user
            if !present.isEmailVerified, user.isEmailVerified { tables.identities.forgetUnlinked(of: user.id) }
            if !user.isActive { tables.sessions.endAll(of: user.id) }
            return true
        }
    }

    func delete(_ id: Identifier<User>) throws(DomainError) -> Bool {
        try InMemoryTransactions.requireExclusive()
        try outage.check()
        return try store.access { tables throws(DomainError) in
            tables.userRoles[id] = nil
            tables.identities.remove(id)
            tables.apiKeys = tables.apiKeys.filter { $0.value.ownerID != id }
            return tables.users.removeValue(forKey: id) != nil
        }
    }

    func hasActiveUser(withRole role: String) throws(DomainError) -> Bool {
        try outage.check()
        return all.contains { $0.user.isActive && $0.grants.roles.contains(role) }
    }
}
