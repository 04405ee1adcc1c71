// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where one-time codes live until an app swaps them.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked.
package protocol AuthorizationCodeRepository: Sendable {
    /// Stores `code`, only for an active user, and clears some away that expired before `instant`.
    ///
    /// - Returns: false when the user is gone or not active; nothing is stored then.
    func create(_ code: AuthorizationCode, hash: [UInt8], at instant: Timestamp) async throws(DomainError) -> Bool

    /// Uses a code up, at `instant`.
    ///
    /// - Returns: nil when there is no such code, or it is expired or used.
    func consume(hash: [UInt8], at instant: Timestamp) async throws(DomainError) -> AuthorizationCode?
}
