// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Synchronization

/// Finds who shows an API key, also while the installation's secret is being changed; an answer is kept for some seconds.
///
/// Only keys that are good are kept: nobody without one of ours can fill or empty it, and a wrong one is looked up each
/// time. What is kept goes as soon as the key, its owner or a role is known to have changed, and counts only while
/// changes are known in time.
package final class APIKeyLookup: Sendable {
    /// Keys whose answers are kept.
    package static let capacity = 4096
    /// How long an answer counts at most.
    package static let lifetime = Duration.seconds(10)

    private struct Answer {
        let check: APIKeyCheck
        let principal: Principal
        let readAt: Timestamp
        let revision: UInt64
    }

    private let apiKeys: any APIKeyRepository
    private let hasher: APIKeyHasher
    private let revocations: RevocationList
    private let usage: APIKeyUsageRecorder
    /// By the whole HMAC of the key.
    ///
    /// Comparing it tells nobody anything by the time it takes: who does not know the
    /// installation's secret cannot choose it.
    private let answers = Mutex(RecentlyUsed<DigestKey, Answer>(capacity: APIKeyLookup.capacity))

    /// - Parameters:
    ///   - apiKeys: Where API keys live.
    ///   - hasher: Hashes API keys.
    ///   - revocations: Knows when something has changed.
    ///   - usage: Is told of each use of a key.
    package init(
        apiKeys: any APIKeyRepository,
        hasher: APIKeyHasher,
        revocations: RevocationList,
        usage: APIKeyUsageRecorder
    ) {
        self.apiKeys = apiKeys
        self.hasher = hasher
        self.revocations = revocations
        self.usage = usage
    }

    /// Keys that are kept now.
    package var count: Int { answers.withLock { $0.count } }

    /// Who shows `secret` at `now`, which counts as a use; nil when there is no such key, or it may not be used.
    ///
    /// - Throws: ``ErrorCode/unavailable`` when the database is needed and does not answer.
    package func principal(of secret: APIKeySecret, at now: Timestamp) async throws(DomainError) -> Principal? {
        let hash = try hash { () throws(CryptoError) in try hasher.hash(secret) }
        let answer: Answer
        let key = DigestKey(hash)
        if let known = known(key, at: now) {
            answer = known
        } else {
            // Before the read: a change that is seen while it runs makes the answer one from before the change.
            let revision = revocations.revision
            guard let check = try await check(secret, hash), check.isUsable(at: now) else { return nil }
            let principal = Principal(
                userID: check.ownerID,
                credential: .apiKey(check.id),
                grants: check.effectiveGrants
            )
            answer = Answer(check: check, principal: principal, readAt: now, revision: revision)
            answers.withLock { $0.insert(answer, for: key) }
        }
        usage.record(answer.check.id, at: now)
        return answer.principal
    }

    /// The answer that is kept, if it counts.
    ///
    /// No change tells of a key's expiry, so that is checked again.
    private func known(_ key: DigestKey, at now: Timestamp) -> Answer? {
        guard
            let answer = answers.withLock({ $0.value(for: key) }),
            answer.readAt <= now, now < answer.readAt + Self.lifetime,
            answer.check.isUsable(at: now),
            revocations.isCurrent(answer.revision, of: answer.check.id, ownedBy: answer.check.ownerID)
        else { return nil }
        return answer
    }

    /// What the database knows of the key.
    ///
    /// One statement, and only for a key that is not stored under the current secret, and only while there is a previous
    /// one, further ones.
    private func check(_ secret: APIKeySecret, _ hash: [UInt8]) async throws(DomainError) -> APIKeyCheck? {
        if let check = try await apiKeys.check(secretHash: hash) { return check }
        guard let previousHash = try self.hash({ () throws(CryptoError) in try hasher.previousHash(secret) }) else {
            return nil
        }
        if let check = try await apiKeys.check(secretHash: previousHash) {
            // Later, and once: a write on each request would make the requests of one key wait for each other, all the
            // more while workers of either secret renew it in turns.
            usage.rehash(from: previousHash, to: hash)
            return check
        }
        // Another worker may have renewed it between the two looks.
        return try await apiKeys.check(secretHash: hash)
    }

    private func hash<Hash>(_ body: () throws(CryptoError) -> Hash) throws(DomainError) -> Hash {
        do throws(CryptoError) {
            return try body()
        } catch {
            throw DomainError(wrapping: error)
        }
    }
}
