// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where sessions, their refresh tokens and the one-time values of signing in live.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked.
package protocol SessionRepository: Sendable {
    /// Opens `session` with its first refresh token, all or nothing; only for an active user.
    ///
    /// - Returns: false when the user is gone or not active; nothing is stored then.
    func open(
        _ session: Session,
        refreshTokenHash: [UInt8],
        refreshTokenExpiresAt: Timestamp
    ) async throws(DomainError) -> Bool

    /// The session that a refresh token belongs to, be the token used or not.
    ///
    /// - Returns: nil when there is no such token, or its session has ended.
    func session(refreshTokenHash: [UInt8]) async throws(DomainError) -> Session?

    /// As ``session(refreshTokenHash:)``, together with its user, from one statement.
    func sessionAndUser(refreshTokenHash: [UInt8]) async throws(DomainError) -> (Session, UserProfile)?

    /// Uses a refresh token up, or finds that it was used before.
    ///
    /// Of any number at once exactly one is ``RefreshTokenUse/Outcome/used``.
    func use(_ use: RefreshTokenUse) async throws(DomainError) -> RefreshTokenUse.Outcome

    /// A session; nil when there is none of this id, or it has ended.
    func find(_ id: Identifier<Session>) async throws(DomainError) -> Session?

    /// The first `limit` sessions of `user` after the one with the id `after`, newest first: those that are still good at
    /// `instant`.
    func list(
        of user: Identifier<User>,
        at instant: Timestamp,
        after: Identifier<Session>?,
        limit: Int
    ) async throws(DomainError) -> [Session]

    /// Ends one session of `user`.
    ///
    /// - Returns: false when the user has no such session that is still good.
    func end(
        _ id: Identifier<Session>,
        of user: Identifier<User>,
        at instant: Timestamp
    ) async throws(DomainError) -> Bool

    /// Ends all sessions of `user`, and one-time codes that were not swapped for one yet.
    ///
    /// - Returns: How many sessions ended.
    @discardableResult
    func endAll(of user: Identifier<User>, at instant: Timestamp) async throws(DomainError) -> Int

    /// Marks the state of a sign-in as used.
    ///
    /// - Returns: false when it was used before, on any worker of any host.
    func consumeLoginState(hash: [UInt8], expiresAt: Timestamp) async throws(DomainError) -> Bool

    /// Stores a sign-in link for `user`.
    func createSignInLink(hash: [UInt8], user: Identifier<User>, expiresAt: Timestamp) async throws(DomainError)

    /// Uses a sign-in link up, at `instant`.
    ///
    /// - Returns: its user; nil when there is no such link, or it is expired or used.
    func consumeSignInLink(hash: [UInt8], at instant: Timestamp) async throws(DomainError) -> Identifier<User>?

    /// Removes used login states and sign-in links that expired before `instant`.
    func removeExpired(before instant: Timestamp) async throws(DomainError)

    /// Removes some of the refresh tokens that expired before `instant`, used or not.
    ///
    /// - Returns: How many; 0 when nothing is left.
    func removeRefreshTokens(expiredBefore instant: Timestamp) async throws(DomainError) -> Int

    /// Removes some of the sessions that ended or expired before `instant`, with their refresh tokens.
    ///
    /// - Returns: How many rows were removed; 0 when nothing is left.
    func removeSessions(overBefore instant: Timestamp) async throws(DomainError) -> Int
}
