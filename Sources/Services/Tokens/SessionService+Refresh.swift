// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Logging
import Models

/// Rotation of refresh tokens (RFC 9700 section 4.14.2).
extension SessionService {
    /// How long a used refresh token gets its answer again: for clients that lost it, or sent the token twice.
    static let grace = Duration.seconds(10)

    /// Swaps a refresh token, as the client sent it, for the next pair.
    ///
    /// A token works once. Shown again within ``grace`` it gives the very same pair; later it ends the session, because one
    /// of the two who have it is a thief, and nobody can tell which.
    ///
    /// - Throws: ``ErrorCode/unauthenticated`` when it is none of ours, expired, used, or its session is over.
    package func refresh(
        _ text: String,
        userAgent: String?,
        address: IPAddress?
    ) async throws(DomainError) -> TokenPair {
        let ring = try signingKeys.current()
        // Before the grants are read: a token must not look newer than what it says.
        let now = clock.now()
        guard let token = OpaqueToken.parse(text) else { throw Self.invalidToken }
        guard
            let ((session, profile), hash) = try await find(token, by: sessions.sessionAndUser),
            now < session.expiresAt, profile.user.isActive
        else { throw Self.invalidToken }

        let (pair, successorHash) = try newPair(for: session, profile, with: ring.signingKey, at: now)
        let answer = RefreshAnswer(to: token)
        let outcome = try await sessions.use(
            RefreshTokenUse(
                session: session.id,
                tokenHash: hash,
                successorHash: successorHash,
                successorExpiresAt: now + pair.refreshTokenLifetime,
                sealedPair: try answer.seal(pair),
                instant: now,
                forgivenSince: now - Self.grace,
                userAgent: Self.shortened(userAgent),
                address: address?.description
            )
        )
        switch outcome {
        case .used: return pair
        case .repeated(let sealed): return try answer.open(sealed, for: session.userID)
        case .reused:
            try await end(session.id, of: session.userID, by: .system, because: "refresh_token_reused", at: now)
            logger.warning(
                "refresh token reused, session ended",
                metadata: ["session_id": "\(session.id)", "user_id": "\(session.userID)"]
            )
            throw Self.invalidToken
        case .refused: throw Self.invalidToken
        }
    }

    /// What `lookUp` finds for a refresh token, and the hash under which the token is stored; nil when there is none.
    ///
    /// One look-up, unless the secret is being changed. The successor has the hash of the current secret.
    func find<Found>(
        _ token: OpaqueToken,
        by lookUp: (_ hash: [UInt8]) async throws(DomainError) -> Found?
    ) async throws(DomainError) -> (Found, hash: [UInt8])? {
        let hashes: [[UInt8]]
        do {
            hashes = try refreshTokens.hashes(token)
        } catch {
            throw DomainError(wrapping: error)
        }
        for hash in hashes {
            if let found = try await lookUp(hash) { return (found, hash) }
        }
        return nil
    }

    /// The same sentence whatever is wrong: a thief learns nothing from it.
    private static let invalidToken = DomainError(
        .unauthenticated,
        "The refresh token is not valid, was used before, or has expired."
    )
}
