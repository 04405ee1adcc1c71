// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where signing keys live.
///
/// At most one key has no ``SigningKeyRecord/retiredAt``: the newest. Each method is one statement, so that any number
/// of workers can call it at once.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked.
package protocol SigningKeyRepository: Sendable {
    /// Every key that is published, signs or still verifies, oldest first.
    func all() async throws(DomainError) -> [SigningKeyRecord]

    /// Stores `key` unless a key that is not retired exists already.
    ///
    /// When several workers start on an empty database at once, exactly one of them succeeds.
    ///
    /// - Returns: whether it was stored.
    func insertFirst(_ key: SigningKeyRecord) async throws(DomainError) -> Bool

    /// Stores `key` as the successor of the key `kid`, which retires when `key` activates.
    ///
    /// When several workers do so at once, exactly one of them succeeds.
    ///
    /// - Returns: whether it was stored; false when `kid` has a successor already, or is gone.
    func insertSuccessor(_ key: SigningKeyRecord, of kid: String) async throws(DomainError) -> Bool

    /// Stores `key` and removes every other key.
    ///
    /// - Returns: whether it was done; false when another key was made meanwhile, and nothing was changed.
    func replaceAll(with key: SigningKeyRecord) async throws(DomainError) -> Bool

    /// Replaces how the private key `kid` is encrypted, when it still is `old`.
    func rewrap(_ kid: String, from old: [UInt8], to new: [UInt8]) async throws(DomainError)

    /// Removes the keys that retired at `instant` or before.
    func remove(retiredBy instant: Timestamp) async throws(DomainError)
}
