// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where API keys live.
///
/// A revoked key is not there for any of these methods.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked.
package protocol APIKeyRepository: Sendable {
    /// Stores `key` with its grants under the HMAC of its secret, all or nothing.
    ///
    /// - Throws: ``ErrorCode/validationFailed`` naming `roles` or `permissions` when one of the grants does not exist.
    func create(_ key: APIKey, secretHash: [UInt8]) async throws(DomainError)

    /// The key, when `owner` is nil or owns it.
    func find(_ id: Identifier<APIKey>, owner: Identifier<User>?) async throws(DomainError) -> APIKey?

    /// The keys of `owner`, or everyone's, newest first, at most `limit`, after the key `after`.
    func list(
        owner: Identifier<User>?,
        after: Identifier<APIKey>?,
        limit: Int
    ) async throws(DomainError) -> [APIKey]

    /// As ``find(_:owner:)``, for a change: until the transaction ends nobody else changes the key.
    func lockedFind(_ id: Identifier<APIKey>, owner: Identifier<User>?) async throws(DomainError) -> APIKey?

    /// Writes name, grants and expiry of `key`, all or nothing; false when there is none.
    ///
    /// - Throws: as ``create(_:secretHash:)``.
    func change(_ key: APIKey) async throws(DomainError) -> Bool

    /// Ends the key for ever; false when there is none, or `owner` is given and does not own it.
    func revoke(
        _ id: Identifier<APIKey>,
        owner: Identifier<User>?,
        at instant: Timestamp
    ) async throws(DomainError) -> Bool

    /// What is needed to decide about the key with this HMAC, from one statement; nil when there is none.
    func check(secretHash: [UInt8]) async throws(DomainError) -> APIKeyCheck?

    /// Stores the key with the HMAC `old` under `new`; does nothing when there is none.
    func rehash(from old: [UInt8], to new: [UInt8]) async throws(DomainError)

    /// Adds uses to what is known of keys, each of which is there once, in one statement; an older instant never replaces
    /// a newer one.
    func record(_ uses: [APIKeyUse]) async throws(DomainError)
}
