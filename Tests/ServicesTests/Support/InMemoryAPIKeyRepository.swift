// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

final class InMemoryAPIKeyRepository: APIKeyRepository {
    private struct State {
        var keys: [[UInt8]: APIKey] = [:]
        var checks = 0
        var batches: [[APIKeyUse]] = []
        var duringRecord: (@Sendable () -> Void)?
    }

    let outage = Outage()
    private let users: InMemoryUserRepository
    private let state = Mutex(State())

    init(users: InMemoryUserRepository) {
        self.users = users
    }

    /// The keys under their hashes.
    var stored: [[UInt8]: APIKey] { state.withLock { $0.keys } }
    /// How often a key was looked up.
    var checks: Int { state.withLock { $0.checks } }
    /// What was written of the use of keys, a batch a write.
    var batches: [[APIKeyUse]] { state.withLock { $0.batches } }

    /// Runs `body` once, while the next batch is written.
    func duringNextRecord(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.duringRecord = body }
    }

    func create(_ key: APIKey, secretHash: [UInt8]) throws(DomainError) {
        try outage.check()
        state.withLock { $0.keys[secretHash] = key }
    }

    func find(_ id: Identifier<APIKey>, owner: Identifier<User>?) throws(DomainError) -> APIKey? {
        try outage.check()
        return stored.values.first { $0.id == id && (owner == nil || $0.ownerID == owner) }
    }

    func list(
        owner: Identifier<User>,
        after: Identifier<APIKey>?,
        limit: Int
    ) throws(DomainError) -> [APIKey] {
        try outage.check()
        let keys = stored.values.filter { $0.ownerID == owner }.sorted { $0.id.description > $1.id.description }
        let rest = after.map { after in keys.filter { $0.id.description < after.description } } ?? keys
        return Array(rest.prefix(limit))
    }

    func revoke(
        _ id: Identifier<APIKey>,
        owner: Identifier<User>?,
        at _: Timestamp
    ) throws(DomainError) -> Bool {
        guard let key = try find(id, owner: owner) else { return false }
        state.withLock { state in state.keys = state.keys.filter { $0.value.id != key.id } }
        return true
    }

    func check(secretHash: [UInt8]) throws(DomainError) -> APIKeyCheck? {
        state.withLock { $0.checks += 1 }
        try outage.check()
        guard let key = stored[secretHash], let owner = try users.profile(of: key.ownerID) else { return nil }
        return APIKeyCheck(
            id: key.id,
            ownerID: key.ownerID,
            isOwnerActive: owner.user.isActive,
            expiresAt: key.expiresAt,
            keyGrants: key.grants,
            ownerGrants: owner.grants
        )
    }

    func record(_ uses: [APIKeyUse]) throws(DomainError) {
        let meanwhile = state.withLock { state in
            defer { state.duringRecord = nil }
            return state.duringRecord
        }
        meanwhile?()
        try outage.check()
        state.withLock { $0.batches.append(uses) }
    }
}
