// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where signing keys live.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked.
package protocol SigningKeyRepository: Sendable {
    /// Every key that signs or still verifies, oldest first.
    func all() async throws(DomainError) -> [SigningKeyRecord]

    /// Stores `key` unless a key that is not retired exists already.
    ///
    /// When several workers start on an empty database at once, exactly one of them succeeds.
    ///
    /// - Returns: whether it was stored.
    func insertFirst(_ key: SigningKeyRecord) async throws(DomainError) -> Bool
}
