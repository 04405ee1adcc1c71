// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// Does what a client asks for once, however often the client asks.
///
/// Taking the key, the operation, and storing its answer are one transaction: there is no moment at which a crash could
/// leave the one without the others.
package struct IdempotencyService: Sendable {
    /// How long an answer is kept.
    package static let retention = Duration.seconds(24 * 3600)

    /// An answer, and whether it is that of an earlier request.
    package struct Outcome: Sendable {
        package let reply: [UInt8]
        package let isReplayed: Bool
    }

    private let replies: any IdempotencyRepository
    private let transactions: any Transactions
    private let secrets: [IdempotencySecret]
    private let clock: any WallClock

    /// - Parameters:
    ///   - replies: Where answers live.
    ///   - transactions: Makes one of several steps.
    ///   - secret: Hashes keys and seals answers.
    ///   - previousSecret: The same with the previous secret, while that counts: an answer is kept under both.
    ///   - clock: The time of day.
    package init(
        replies: any IdempotencyRepository,
        transactions: any Transactions,
        secret: IdempotencySecret,
        previousSecret: IdempotencySecret? = nil,
        clock: any WallClock
    ) {
        self.replies = replies
        self.transactions = transactions
        self.secrets = [secret] + (previousSecret.map { [$0] } ?? [])
        self.clock = clock
    }

    /// Runs `perform` and keeps what it returns, or returns what it returned before.
    ///
    /// When `perform` throws nothing is kept, and the key is free again.
    ///
    /// - Parameters:
    ///   - key: What the client wrote on the request.
    ///   - principal: Who asks.
    ///   - request: All that makes the request what it is: method, address, body.
    ///   - perform: Does what is asked for, and returns the answer.
    /// - Returns: The answer, and whether it is an earlier one.
    /// - Throws: What `perform` throws, ``ErrorCode/idempotencyMismatch`` when the key stood on another request.
    package func run(
        _ key: IdempotencyKey,
        for principal: Principal,
        request: [UInt8],
        perform: @escaping @Sendable () async throws(DomainError) -> [UInt8]
    ) async throws(DomainError) -> Outcome {
        let now = clock.now()
        let text = key.text(for: principal)
        let (places, fingerprint) = try places(of: text, request)
        return try await transactions.run { [replies] () async throws(DomainError) in
            var stored: (reply: StoredReply, place: Place)?
            var taken: [Place] = []
            for place in places {
                let earlier = try await replies.take(
                    keyHash: place.keyHash,
                    fingerprint: fingerprint,
                    at: now,
                    expiresAt: now + Self.retention
                )
                if let earlier { stored = (earlier, place) } else { taken.append(place) }
            }
            do {
                let reply: [UInt8]
                if let stored {
                    guard stored.reply.fingerprint == fingerprint else { throw Self.mismatch }
                    reply = try stored.place.encryption.open(stored.reply.sealedReply, associatedData: text)
                } else {
                    reply = try await perform()
                }
                for place in taken {
                    let sealed = try place.encryption.seal(reply, associatedData: text)
                    try await replies.store(sealed, keyHash: place.keyHash)
                }
                return Outcome(reply: reply, isReplayed: stored != nil)
            } catch {
                throw DomainError(wrapping: error)
            }
        }
    }

    /// Where one secret keeps the answer to one request.
    private struct Place {
        let keyHash: [UInt8]
        let encryption: AuthenticatedEncryption
    }

    /// The places of the key, one for each secret that counts, and the hash of the request.
    private func places(of key: String, _ request: [UInt8]) throws(DomainError) -> ([Place], fingerprint: [UInt8]) {
        do throws(CryptoError) {
            var places: [Place] = []
            for secret in secrets {
                let hash = try secret.hasher.authenticationCode(for: Array(key.utf8))
                places.append(Place(keyHash: hash, encryption: secret.encryption))
            }
            // In the same order whichever of two secrets is the current one: two workers that took them in different
            // orders would end in a deadlock.
            places.sort { $0.keyHash.lexicographicallyPrecedes($1.keyHash) }
            return (places, try SHA256.digest(request))
        } catch {
            throw DomainError(wrapping: error)
        }
    }

    private static let mismatch = DomainError(
        .idempotencyMismatch,
        "This Idempotency-Key stood on another request."
    )
}
