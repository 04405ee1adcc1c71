// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Logging
import Models
import Synchronization

/// Keeps the key ring of this process: loads it, does what the ``SigningKeySchedule`` says is due, and takes over what
/// others did.
///
/// Checks read the ring from memory; while it was never loaded they fail as unavailable.
package final class SigningKeyService: Sendable {
    /// How often the ring is read again.
    ///
    /// It bounds how long a key verifies that ``SigningKeyService/replaceAll()`` took away. The table has a handful of
    /// rows, and what did not change is not decrypted again.
    package static let reloadInterval = Duration.milliseconds(500)
    private static let retryInterval = Duration.seconds(1)

    private struct Key {
        let record: SigningKeyRecord
        let key: SigningKey
    }

    private struct State {
        var keys: [Key] = []
        var ring: KeyRing?
    }

    let keys: any SigningKeyRepository
    let audit: any AuditRepository
    let transactions: any Transactions
    let clock: any WallClock
    let schedule = SigningKeySchedule()
    private let wrappingKey: DerivedKey
    private let previousWrappingKey: DerivedKey?
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameters:
    ///   - keys: Where the keys live.
    ///   - audit: Where it is written down who changed what.
    ///   - transactions: Makes one of several steps.
    ///   - wrappingKey: The key for ``DerivedKey/Purpose/signingKeyWrapping``.
    ///   - previousWrappingKey: The same of the previous secret: what it opens is encrypted anew.
    ///   - clock: The time of day.
    ///   - logger: Gets a line when a load fails.
    package init(
        keys: any SigningKeyRepository,
        audit: any AuditRepository,
        transactions: any Transactions,
        wrappingKey: DerivedKey,
        previousWrappingKey: DerivedKey? = nil,
        clock: any WallClock,
        logger: Logger
    ) {
        self.keys = keys
        self.audit = audit
        self.transactions = transactions
        self.wrappingKey = wrappingKey
        self.previousWrappingKey = previousWrappingKey
        self.clock = clock
        self.logger = logger
    }

    /// The ring as last loaded.
    ///
    /// - Throws: ``ErrorCode/unavailable`` while it was never loaded.
    package func current() throws(DomainError) -> KeyRing {
        guard let ring = state.withLock({ $0.ring }) else {
            throw DomainError(.unavailable, "The signing keys are not loaded yet.")
        }
        return ring
    }

    /// The public keys as a JWK Set, in JSON.
    ///
    /// - Throws: as ``current()``.
    package func jwks() throws(DomainError) -> [UInt8] {
        try current().jwks
    }

    /// Reads the keys, does what is due, and makes the ring of them.
    ///
    /// - Throws: ``ErrorCode/unavailable`` when the database does not answer; ``WrongSecretError`` when the stored keys
    ///   belong to another `POSTERN_SECRET`. A new key is never made in that case: it would end every session silently.
    package func load() async throws {
        var loaded = try await unwrap(keys.all())
        let steps = schedule.steps(for: loaded.map(\.record), at: clock.now())
        if !steps.isEmpty {
            for step in steps { try await perform(step) }
            // Another worker may have been first: what is stored counts, not what was made here.
            loaded = try await unwrap(keys.all())
        }
        state.withLock { [loaded] in $0.keys = loaded }
        try makeRing()
    }

    /// Loads again and again until the task is cancelled; a failed load is tried again soon.
    package func keepLoaded() async {
        while !Task.isCancelled {
            var pause = Self.reloadInterval
            do {
                try await load()
            } catch {
                pause = Self.retryInterval
                logger.warning("signing keys not loaded", error: error)
                // The keys change their stages by the clock alone: an outage delays none of it.
                try? makeRing()
            }
            try? await TaskTimer.sleep(for: pause)
        }
    }

    /// A new key, encrypted for its row.
    func makeKey(activatesAfter lead: Duration) throws(CryptoError) -> SigningKeyRecord {
        let now = clock.now()
        let key = try SigningKey.generate(at: now)
        return SigningKeyRecord(
            kid: key.kid,
            wrappedPrivateKey: try key.wrapped(with: wrappingKey),
            createdAt: now,
            activatesAt: now + lead,
            retiredAt: nil
        )
    }

    private func perform(_ step: SigningKeySchedule.Step) async throws {
        switch step {
        case .makeFirst:
            let key = try makeKey(activatesAfter: .zero)
            let isMade = try await storing(key, by: .system) { [keys] () async throws(DomainError) in
                try await keys.insertFirst(key)
            }
            if isMade { logger.notice("first signing key made") }
        case .publishSuccessor(let kid):
            let key = try makeKey(activatesAfter: SigningKeySchedule.publicationLead)
            guard try await publish(key, after: kid, by: .system) else { return }
            logger.notice("next signing key published", metadata: ["kid": "\(key.kid)"])
        case .removeRetired(let instant):
            try await keys.remove(retiredBy: instant)
        }
    }

    /// Makes `key` the successor of the key `kid`; false when that has one.
    func publish(
        _ key: SigningKeyRecord,
        after kid: String,
        by actor: AuditActor
    ) async throws(DomainError) -> Bool {
        try await storing(key, by: actor) { [keys] () async throws(DomainError) in
            try await keys.insertSuccessor(key, of: kid)
        }
    }

    /// Runs `body`, which stores `key`, and records that if it did.
    func storing(
        _ key: SigningKeyRecord,
        _ action: AuditAction = .signingKeyCreated,
        by actor: AuditActor,
        _ body: @escaping @Sendable () async throws(DomainError) -> Bool
    ) async throws(DomainError) -> Bool {
        try await transactions.run { [audit] () async throws(DomainError) in
            guard try await body() else { return false }
            let details: [String: JSONValue] = [
                "kid": .string(key.kid), "signs_from": .string(key.activatesAt.rfc3339),
            ]
            try await audit.record(action, of: .signingKey, by: actor, at: key.createdAt, details)
            return true
        }
    }

    private func unwrap(_ records: [SigningKeyRecord]) async throws -> [Key] {
        let known = state.withLock { $0.keys }
        var loaded: [Key] = []
        for record in records {
            if let same = known.first(where: { $0.record.wrappedPrivateKey == record.wrappedPrivateKey }) {
                loaded.append(Key(record: record, key: same.key))
            } else {
                loaded.append(Key(record: record, key: try await unwrap(record)))
            }
        }
        return loaded
    }

    private func unwrap(_ record: SigningKeyRecord) async throws -> SigningKey {
        if let key = try open(record, with: wrappingKey) { return key }
        guard let previousWrappingKey, let key = try open(record, with: previousWrappingKey) else {
            throw WrongSecretError(kid: record.kid)
        }
        try await keys.rewrap(record.kid, from: record.wrappedPrivateKey, to: key.wrapped(with: wrappingKey))
        return key
    }

    /// Nil when the key is encrypted under another secret.
    private func open(_ record: SigningKeyRecord, with key: DerivedKey) throws(CryptoError) -> SigningKey? {
        do throws(CryptoError) {
            return try SigningKey(
                unwrapping: record.wrappedPrivateKey,
                kid: record.kid,
                createdAt: record.createdAt,
                with: key
            )
        } catch  where error.code == .authenticationFailed {
            return nil
        }
    }

    private func makeRing() throws(DomainError) {
        let now = clock.now()
        let keys = state.withLock { $0.keys }
        let signing = keys.filter { schedule.stage(of: $0.record, at: now) == .signing }
        guard let newest = signing.max(by: { $0.record.activatesAt < $1.record.activatesAt }) else {
            throw DomainError(.unavailable, "No signing key is active.")
        }
        let accepted = keys.filter { schedule.stage(of: $0.record, at: now) != .gone }
        let ring = KeyRing(signingKey: newest.key, accepting: accepted.map(\.key.privateKey.publicKey))
        state.withLock { $0.ring = ring }
    }
}
