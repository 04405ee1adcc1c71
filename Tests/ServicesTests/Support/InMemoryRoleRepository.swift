// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

final class InMemoryRoleRepository: RoleRepository {
    let outage = Outage()
    private let store: InMemoryStore

    init(store: InMemoryStore) {
        self.store = store
    }

    func create(_ role: Role) throws(DomainError) {
        try change { tables throws(DomainError) in
            guard tables.roles(named: [role.name]).isEmpty else { throw .taken }
            guard role.permissions.isSubset(of: tables.permissionNames) else { throw .unknown("permissions") }
            tables.roles[role.id] = role
        }
    }

    func find(_ id: Identifier<Role>) throws(DomainError) -> Role? {
        try outage.check()
        return store.tables.role(id)
    }

    func find(names: Set<String>) throws(DomainError) -> [Role] {
        try outage.check()
        return store.tables.roles(named: names)
    }

    func list(
        heldBy user: Identifier<User>?,
        after: Identifier<Role>?,
        limit: Int
    ) throws(DomainError) -> [Role] {
        try outage.check()
        let tables = store.tables
        let ids = user.map { tables.userRoles[$0] ?? [] } ?? Set(tables.roles.keys)
        return ids.compactMap(tables.role).page(after: after, limit: limit, id: \.id)
    }

    func change(_ role: Role) throws(DomainError) -> Bool {
        try change { tables throws(DomainError) in
            guard let present = tables.roles[role.id] else { return false }
            guard tables.roles(named: [role.name]).allSatisfy({ $0.id == role.id }) else { throw .taken }
            tables.roles[role.id] = role.with(permissions: present.permissions)
            return true
        }
    }

    func delete(_ id: Identifier<Role>) throws(DomainError) -> Bool {
        try change { tables throws(DomainError) in
            guard !tables.userRoles.values.contains(where: { $0.contains(id) }) else { throw .taken }
            return tables.roles.removeValue(forKey: id) != nil
        }
    }

    func use(of id: Identifier<Role>, at instant: Timestamp) throws(DomainError) -> AccessUse {
        try outage.check()
        let tables = store.tables
        guard let name = tables.roles[id]?.name else { return AccessUse() }
        return AccessUse(
            users: tables.userRoles.values.count { $0.contains(id) },
            apiKeys: tables.apiKeys.values.count { $0.grants.roles.contains(name) && !$0.isExpired(at: instant) }
        )
    }

    func attach(
        _ permission: Identifier<Permission>,
        to role: Identifier<Role>,
        at instant: Timestamp
    ) throws(DomainError) {
        try change { tables throws(DomainError) in
            guard let name = tables.permissions[permission]?.name.description, let present = tables.roles[role]
            else { throw DomainError(.notFound, "One of the two is gone.") }
            tables.roles[role] = present.with(permissions: present.permissions.union([name]), at: instant)
        }
    }

    func detach(
        _ permission: Identifier<Permission>,
        from role: Identifier<Role>,
        at instant: Timestamp
    ) throws(DomainError) {
        try change { tables throws(DomainError) in
            guard let name = tables.permissions[permission]?.name.description, let present = tables.roles[role]
            else { return }
            tables.roles[role] = present.with(permissions: present.permissions.subtracting([name]), at: instant)
        }
    }

    func assign(
        _ role: Identifier<Role>,
        to user: Identifier<User>,
        at instant: Timestamp
    ) throws(DomainError) {
        try change { tables throws(DomainError) in
            guard tables.roles[role] != nil, let present = tables.users[user]
            else { throw DomainError(.notFound, "One of the two is gone.") }
            tables.userRoles[user, default: []].insert(role)
            tables.users[user] = present.with(at: instant)
        }
    }

    func unassign(
        _ role: Identifier<Role>,
        from user: Identifier<User>,
        at instant: Timestamp
    ) throws(DomainError) {
        try change { tables throws(DomainError) in
            tables.userRoles[user]?.remove(role)
            tables.users[user] = tables.users[user]?.with(at: instant)
        }
    }

    private func change<Value: Sendable>(
        _ body: (inout InMemoryTables) throws(DomainError) -> Value
    ) throws(DomainError) -> Value {
        try InMemoryTransactions.requireExclusive()
        try outage.check()
        return try store.access(body)
    }
}
