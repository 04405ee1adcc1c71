// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where the answers to requests with an `Idempotency-Key` live.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked.
package protocol IdempotencyRepository: Sendable {
    /// Takes the key with this hash for a request that is about to run; must be called in the transaction in which it
    /// runs. Waits while another transaction has taken it.
    ///
    /// - Returns: the answer that was given under this key; nil when there is none, or it expired before `instant`, and
    ///   then the key is taken.
    func take(
        keyHash: [UInt8],
        fingerprint: [UInt8],
        at instant: Timestamp,
        expiresAt: Timestamp
    ) async throws(DomainError) -> StoredReply?

    /// Stores the answer under a key that was taken in this transaction.
    func store(_ sealedReply: String, keyHash: [UInt8]) async throws(DomainError)

    /// Removes what expired before `instant`.
    func removeExpired(before instant: Timestamp) async throws(DomainError)
}
