// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where it is written what tokens must not say any more.
///
/// Nothing here writes: the store itself notes each change, whoever makes it, in the transaction that makes it.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked.
package protocol RevocationRepository: Sendable {
    /// Revocations by the transaction `transaction` and later ones; of these, those behind `last`, when it is given.
    func page(from transaction: Int64, after last: Revocation?) async throws(DomainError) -> RevocationPage

    /// Removes revocations from before `instant`.
    func remove(before instant: Timestamp) async throws(DomainError)
}
