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

    /// Uses a code up, at `instant`, for the session `session`, which the caller opens in the same transaction.
    ///
    /// - Returns: nil when there is no such code, or it is expired or used.
    func consume(
        hash: [UInt8],
        for session: Identifier<Session>,
        at instant: Timestamp
    ) async throws(DomainError) -> AuthorizationCode?

    /// Ends the session that a code was used for, when the code is shown again while it lives.
    ///
    /// - Returns: The session; nil when the code was not used, or has no session that is still good.
    func endSession(
        ofCode hash: [UInt8],
        at instant: Timestamp
    ) async throws(DomainError) -> (id: Identifier<Session>, userID: Identifier<User>)?
}
