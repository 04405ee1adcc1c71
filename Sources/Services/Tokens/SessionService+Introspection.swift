// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// What resource servers and apps ask about a single token (RFC 7662, RFC 7009).
extension SessionService {
    /// The access token `text`, if it counts at this moment: its session goes on and its user is active.
    ///
    /// Asks the database each time, so the answer is never older than the question. A refresh token is none that counts
    /// here: a resource server that takes whatever is active must not be shown one.
    ///
    /// - Returns: nil for anything that does not count, whatever the reason.
    package func introspect(_ text: String) async throws(DomainError) -> LiveToken? {
        let now = clock.now()
        guard
            let (claims, id, userID) = try read(text, at: now),
            let session = try await sessions.find(id), session.userID == userID, now < session.expiresAt,
            let profile = try await users.profile(of: userID), profile.user.isActive
        else { return nil }
        return LiveToken(
            user: profile,
            session: id,
            tokenID: claims.tokenID,
            issuer: claims.issuer,
            audience: claims.audience,
            issuedAt: claims.issuedAt,
            expiresAt: claims.expiresAt
        )
    }

    /// Ends the session of `text`, an access token or a refresh token; whoever has it may.
    ///
    /// Nothing happens for anything else, as RFC 7009 section 2.2 has it: a client could do nothing about it.
    package func revoke(_ text: String) async throws(DomainError) {
        let now = clock.now()
        if let token = OpaqueToken.parse(text) {
            guard let (session, _) = try await find(token, by: sessions.session) else { return }
            try await revoke(session.id, of: session.userID, at: now)
        } else if let (_, session, userID) = try read(text, at: now) {
            try await revoke(session, of: userID, at: now)
        }
    }

    /// Who has a token of a user acts as that user.
    private func revoke(
        _ session: Identifier<Session>,
        of user: Identifier<User>,
        at instant: Timestamp
    ) async throws(DomainError) {
        try await end(session, of: user, by: .user(user), because: "token_revoked", at: instant)
    }

    /// What an access token of ours says, while it lasts; nil for anything else.
    private func read(
        _ text: String,
        at now: Timestamp
    ) throws(DomainError) -> (AccessTokenClaims, Identifier<Session>, Identifier<User>)? {
        let verifier = AccessTokenVerifier(keys: try signingKeys.current(), issuer: issuer.text, audience: issuer.text)
        guard
            let claims = try? verifier.verify(text, now: now),
            let session = Identifier<Session>(claims.sessionID),
            let user = Identifier<User>(claims.subject)
        else { return nil }
        return (claims, session, user)
    }
}
