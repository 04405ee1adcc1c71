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
    private let hasher: HMACSHA256
    private let encryption: AuthenticatedEncryption
    private let clock: any WallClock

    /// - Parameters:
    ///   - replies: Where answers live.
    ///   - transactions: Makes one of several steps.
    ///   - hasher: Hashes keys, with ``DerivedKey/Purpose/idempotencyKeyHashing``.
    ///   - encryption: Seals answers, with ``DerivedKey/Purpose/idempotentReplies``: the answer that shows a new API key
    ///     is the only place where its secret stands.
    ///   - clock: The time of day.
    package init(
        replies: any IdempotencyRepository,
        transactions: any Transactions,
        hasher: HMACSHA256,
        encryption: AuthenticatedEncryption,
        clock: any WallClock
    ) {
        self.replies = replies
        self.transactions = transactions
        self.hasher = hasher
        self.encryption = encryption
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
        let (keyHash, fingerprint) = try hashes(of: text, request)
        return try await transactions.run { [replies, encryption] () async throws(DomainError) in
            let stored = try await replies.take(
                keyHash: keyHash,
                fingerprint: fingerprint,
                at: now,
                expiresAt: now + Self.retention
            )
            do {
                if let stored {
                    guard stored.fingerprint == fingerprint else { throw Self.mismatch }
                    return Outcome(
                        reply: try encryption.open(stored.sealedReply, associatedData: text),
                        isReplayed: true
                    )
                }
                let reply = try await perform()
                try await replies.store(try encryption.seal(reply, associatedData: text), keyHash: keyHash)
                return Outcome(reply: reply, isReplayed: false)
            } catch {
                throw DomainError(wrapping: error)
            }
        }
    }

    private func hashes(of key: String, _ request: [UInt8]) throws(DomainError) -> (key: [UInt8], request: [UInt8]) {
        do throws(CryptoError) {
            return (try hasher.authenticationCode(for: Array(key.utf8)), try SHA256.digest(request))
        } catch {
            throw DomainError(wrapping: error)
        }
    }

    private static let mismatch = DomainError(
        .idempotencyMismatch,
        "This Idempotency-Key stood on another request."
    )
}
