// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

final class InMemoryAPIKeyRepository: APIKeyRepository {
    private struct State {
        var checks = 0
        var batches: [[APIKeyUse]] = []
        var duringRecord: (@Sendable () -> Void)?
        var duringCheck: (@Sendable () -> Void)?
        var beforeRecord: (@Sendable () async -> Bool)?
        var breaksAfterCreate = false
    }

    let outage = Outage()
    private let store: InMemoryStore
    private let state = Mutex(State())

    init(store: InMemoryStore) {
        self.store = store
    }

    /// The keys under their hashes.
    var stored: [[UInt8]: APIKey] { store.tables.apiKeys }
    /// How often a key was looked up.
    var checks: Int { state.withLock { $0.checks } }
    /// What was written of the use of keys, a batch a write.
    var batches: [[APIKeyUse]] { state.withLock { $0.batches } }

    /// Runs `body` once, while the next batch is written.
    func duringNextRecord(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.duringRecord = body }
    }

    /// Runs `body` once, before the next batch is written; it is not when that says false.
    func holdNextRecord(_ body: @escaping @Sendable () async -> Bool) {
        state.withLock { $0.beforeRecord = body }
    }

    /// Runs `body` once, when the next look-up has read the key and has not answered yet.
    func duringNextCheck(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.duringCheck = body }
    }

    /// The database goes down once the next key is stored.
    func outageAfterCreate() {
        state.withLock { $0.breaksAfterCreate = true }
    }

    func create(_ key: APIKey, secretHash: [UInt8]) throws(DomainError) {
        try change { tables throws(DomainError) in
            try Self.check(key, in: tables)
            tables.apiKeys[secretHash] = key
        }
        if state.withLock({ $0.breaksAfterCreate }) { outage.begin() }
    }

    func find(_ id: Identifier<APIKey>, owner: Identifier<User>?) throws(DomainError) -> APIKey? {
        try outage.check()
        return stored.values.first { $0.id == id && (owner == nil || $0.ownerID == owner) }
    }

    func list(
        owner: Identifier<User>?,
        after: Identifier<APIKey>?,
        limit: Int
    ) throws(DomainError) -> [APIKey] {
        try outage.check()
        return stored.values.filter { owner == nil || $0.ownerID == owner }.page(after: after, limit: limit, id: \.id)
    }

    func lockedFind(_ id: Identifier<APIKey>, owner: Identifier<User>?) throws(DomainError) -> APIKey? {
        try InMemoryTransactions.requireAny()
        return try find(id, owner: owner)
    }

    func change(_ key: APIKey) throws(DomainError) -> Bool {
        try change { tables throws(DomainError) in
            try Self.check(key, in: tables)
            guard let hash = tables.apiKeys.first(where: { $0.value.id == key.id })?.key else { return false }
            tables.apiKeys[hash] = key
            return true
        }
    }

    func revoke(
        _ id: Identifier<APIKey>,
        owner: Identifier<User>?,
        at _: Timestamp
    ) throws(DomainError) -> Bool {
        guard let key = try find(id, owner: owner) else { return false }
        return try change { tables throws(DomainError) in
            tables.apiKeys = tables.apiKeys.filter { $0.value.id != key.id }
            return true
        }
    }

    func check(secretHash: [UInt8]) throws(DomainError) -> APIKeyCheck? {
        let tables = store.tables
        let meanwhile = state.withLock { state in
            defer { state.duringCheck = nil }
            state.checks += 1
            return state.duringCheck
        }
        meanwhile?()
        try outage.check()
        guard let key = tables.apiKeys[secretHash], let owner = tables.profile(key.ownerID) else { return nil }
        return APIKeyCheck(
            id: key.id,
            ownerID: key.ownerID,
            isOwnerActive: owner.user.isActive,
            expiresAt: key.expiresAt,
            keyGrants: tables.grants(of: key),
            ownerGrants: owner.grants
        )
    }

    func rehash(from old: [UInt8], to new: [UInt8]) throws(DomainError) {
        try outage.check()
        try store.access { tables throws(DomainError) in
            guard let key = tables.apiKeys.removeValue(forKey: old) else { return }
            tables.apiKeys[new] = key
        }
    }

    func record(_ uses: [APIKeyUse]) async throws(DomainError) {
        let before = state.withLock { state in
            defer { state.beforeRecord = nil }
            return state.beforeRecord
        }
        if let before, await !before() { throw DomainError(.unavailable, "The database does not answer.") }
        let meanwhile = state.withLock { state in
            defer { state.duringRecord = nil }
            return state.duringRecord
        }
        meanwhile?()
        try outage.check()
        state.withLock { $0.batches.append(uses) }
    }

    private static func check(_ key: APIKey, in tables: InMemoryTables) throws(DomainError) {
        guard tables.roles(named: key.grants.roles).count == key.grants.roles.count else { throw .unknown("roles") }
        guard key.grants.permissions.isSubset(of: tables.permissionNames) else { throw .unknown("permissions") }
    }

    private func change<Value: Sendable>(
        _ body: (inout InMemoryTables) throws(DomainError) -> Value
    ) throws(DomainError) -> Value {
        try InMemoryTransactions.requireAny()
        try outage.check()
        return try store.access(body)
    }
}
