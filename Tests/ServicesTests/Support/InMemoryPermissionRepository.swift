// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

final class InMemoryPermissionRepository: PermissionRepository {
    private let store: InMemoryStore

    init(store: InMemoryStore) {
        self.store = store
    }

    func create(_ permission: Permission) throws(DomainError) {
        try InMemoryTransactions.requireExclusive()
        try store.access { tables throws(DomainError) in
            guard !tables.permissionNames.contains(permission.name.description) else { throw .taken }
            tables.permissions[permission.id] = permission
        }
    }

    func find(_ id: Identifier<Permission>) -> Permission? {
        store.tables.permissions[id]
    }

    func list(
        of role: Identifier<Role>?,
        after: Identifier<Permission>?,
        limit: Int
    ) -> [Permission] {
        let tables = store.tables
        let names = role.map { tables.roles[$0]?.permissions ?? [] } ?? tables.permissionNames
        return tables.permissions.values.filter { names.contains($0.name.description) }
            .page(after: after, limit: limit, id: \.id)
    }

    func delete(_ id: Identifier<Permission>) throws(DomainError) -> Bool {
        try InMemoryTransactions.requireExclusive()
        return try store.access { tables throws(DomainError) in
            guard let permission = tables.permissions.removeValue(forKey: id) else { return false }
            let isGiven = tables.roles.values.contains { $0.permissions.contains(permission.name.description) }
            guard !isGiven else { throw .taken }
            return true
        }
    }

    func use(of id: Identifier<Permission>, at instant: Timestamp) -> AccessUse {
        let tables = store.tables
        guard let name = tables.permissions[id]?.name.description else { return AccessUse() }
        return AccessUse(
            roles: tables.roles.values.count { $0.permissions.contains(name) },
            apiKeys: tables.apiKeys.values.count { $0.grants.permissions.contains(name) && !$0.isExpired(at: instant) }
        )
    }
}
