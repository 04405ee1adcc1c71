// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// Finds the API key that somebody shows, also while the installation's secret is being changed.
struct APIKeyLookup: Sendable {
    let apiKeys: any APIKeyRepository
    let hasher: APIKeyHasher
    let usage: APIKeyUsageRecorder

    /// What is known of the key; nil when there is none.
    ///
    /// One statement, and only for a key that is not stored under the current secret, and only while there is a previous
    /// one, further ones.
    func check(_ secret: APIKeySecret) async throws(DomainError) -> APIKeyCheck? {
        let hash: [UInt8]
        let previousHash: [UInt8]?
        do throws(CryptoError) {
            hash = try hasher.hash(secret)
            previousHash = try hasher.previousHash(secret)
        } catch {
            throw DomainError(wrapping: error)
        }
        if let check = try await apiKeys.check(secretHash: hash) { return check }
        guard let previousHash else { return nil }
        if let check = try await apiKeys.check(secretHash: previousHash) {
            // Later, and once: a write on each request would make the requests of one key wait for each other, all the
            // more while workers of either secret renew it in turns.
            usage.rehash(from: previousHash, to: hash)
            return check
        }
        // Another worker may have renewed it between the two looks.
        return try await apiKeys.check(secretHash: hash)
    }
}
