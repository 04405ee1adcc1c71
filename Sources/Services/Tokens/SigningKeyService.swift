// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Logging
import Models
import Synchronization

/// Keeps the key ring of this process: loads it, makes the first key of an installation, and looks for changes.
///
/// Checks read the ring from memory; while it was never loaded they fail as unavailable.
package final class SigningKeyService: Sendable {
    /// How often the ring is read again.
    package static let reloadInterval = Duration.seconds(30)
    private static let retryInterval = Duration.seconds(1)
    /// How long a retired key verifies: until the last token is dead that it can have signed, and a little more for
    /// clocks that differ.
    private static let afterlife = TokenConfiguration.maximumAccessTokenTTL + .seconds(60)

    private let keys: any SigningKeyRepository
    private let wrappingKey: DerivedKey
    private let clock: any WallClock
    private let logger: Logger
    private let ring = Mutex<KeyRing?>(nil)

    /// - Parameters:
    ///   - keys: Where the keys live.
    ///   - wrappingKey: The key for ``DerivedKey/Purpose/signingKeyWrapping``.
    ///   - clock: The time of day.
    ///   - logger: Gets a line when a load fails.
    package init(
        keys: any SigningKeyRepository,
        wrappingKey: DerivedKey,
        clock: any WallClock,
        logger: Logger
    ) {
        self.keys = keys
        self.wrappingKey = wrappingKey
        self.clock = clock
        self.logger = logger
    }

    /// The ring as last loaded.
    ///
    /// - Throws: ``ErrorCode/unavailable`` while it was never loaded.
    package func current() throws(DomainError) -> KeyRing {
        guard let ring = ring.withLock({ $0 }) else {
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

    /// Reads the keys, and makes the first one when there is none.
    ///
    /// - Throws: ``ErrorCode/unavailable`` when the database does not answer; ``WrongSecretError`` when the stored keys
    ///   belong to another `POSTERN_SECRET`. A new key is never made in that case: it would end every session silently.
    package func load() async throws {
        var stored = try await storedKeys()
        if stored.allSatisfy({ $0.record.retiredAt != nil }) {
            let now = clock.now()
            let key = try SigningKey.generate(at: now)
            _ = try await keys.insertFirst(
                SigningKeyRecord(
                    kid: key.kid,
                    wrappedPrivateKey: try key.wrapped(with: wrappingKey),
                    createdAt: now,
                    activatesAt: now,
                    retiredAt: nil
                )
            )
            // Another worker may have been first: what is stored counts, not what was made here.
            stored = try await storedKeys()
        }
        let loaded = try makeRing(stored)
        ring.withLock { $0 = loaded }
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
            }
            try? await Task.sleep(for: pause)
        }
    }

    private func storedKeys() async throws -> [(record: SigningKeyRecord, key: SigningKey)] {
        try await keys.all().map { record in
            do {
                let key = try SigningKey(
                    unwrapping: record.wrappedPrivateKey,
                    kid: record.kid,
                    createdAt: record.createdAt,
                    with: wrappingKey
                )
                return (record, key)
            } catch let error as CryptoError where error.code == .authenticationFailed {
                throw WrongSecretError(kid: record.kid)
            }
        }
    }

    private func makeRing(_ keys: [(record: SigningKeyRecord, key: SigningKey)]) throws(DomainError) -> KeyRing {
        let now = clock.now()
        let signing = keys.filter { $0.record.activatesAt <= now && ($0.record.retiredAt.map { now < $0 } ?? true) }
        guard let newest = signing.max(by: { $0.record.activatesAt < $1.record.activatesAt }) else {
            throw DomainError(.unavailable, "No signing key is active.")
        }
        let accepted = keys.filter { $0.record.retiredAt.map { now < $0 + Self.afterlife } ?? true }
        return KeyRing(signingKey: newest.key, accepting: accepted.map(\.key.privateKey.publicKey))
    }
}
