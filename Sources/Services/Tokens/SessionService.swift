// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// Opens sessions: the one place where tokens are made.
package struct SessionService: Sendable {
    private let users: any UserRepository
    private let sessions: any SessionRepository
    private let signingKeys: SigningKeyService
    private let refreshTokens: OpaqueTokenHasher
    private let issuer: PublicURL
    private let lifetimes: TokenConfiguration
    private let clock: any WallClock

    /// - Parameters:
    ///   - users: Where users and their grants live.
    ///   - sessions: Where sessions live.
    ///   - signingKeys: The keys of access tokens.
    ///   - refreshTokens: Hashes refresh tokens.
    ///   - issuer: The service's public address: issuer and audience of its tokens.
    ///   - lifetimes: How long tokens live.
    ///   - clock: The time of day.
    package init(
        users: any UserRepository,
        sessions: any SessionRepository,
        signingKeys: SigningKeyService,
        refreshTokens: OpaqueTokenHasher,
        issuer: PublicURL,
        lifetimes: TokenConfiguration,
        clock: any WallClock
    ) {
        self.users = users
        self.sessions = sessions
        self.signingKeys = signingKeys
        self.refreshTokens = refreshTokens
        self.issuer = issuer
        self.lifetimes = lifetimes
        self.clock = clock
    }

    /// Opens a session for the user `userID`, who signed in by `method`.
    ///
    /// - Throws: ``ErrorCode/forbidden`` when the user is gone or not active.
    package func open(
        for userID: Identifier<User>,
        method: String,
        userAgent: String?
    ) async throws(DomainError) -> TokenPair {
        let ring = try signingKeys.current()
        guard let profile = try await users.profile(of: userID), profile.user.isActive else { throw Self.notActive }

        let now = clock.now()
        let session = Session(
            id: .make(at: now),
            userID: userID,
            method: method,
            userAgent: userAgent.map { String($0.unicodeScalars.prefix(255)) },
            createdAt: now,
            expiresAt: now + lifetimes.refreshTokenTTL
        )
        do {
            let refreshToken = try OpaqueToken.generate()
            let accessToken = try sign(claims(of: session, profile, at: now), with: ring.signingKey)
            let hash = try refreshTokens.hash(refreshToken)
            guard try await sessions.open(session, refreshTokenHash: hash) else { throw Self.notActive }
            return TokenPair(
                accessToken: Redacted(accessToken),
                accessTokenLifetime: lifetimes.accessTokenTTL,
                refreshToken: refreshToken.text,
                refreshTokenLifetime: lifetimes.refreshTokenTTL
            )
        } catch {
            throw DomainError(wrapping: error)
        }
    }

    /// Swaps a refresh token, as the client sent it, for the next pair.
    ///
    /// - Throws: ``ErrorCode/unauthenticated`` when it is none of ours, expired, used, or its session is over.
    package func refresh(
        _ text: String,
        userAgent: String?,
        address: String?
    ) async throws(DomainError) -> TokenPair {
        throw DomainError(.unauthenticated, "The refresh token is not valid, was used before, or has expired.")
    }

    private static let notActive = DomainError(.forbidden, "This user may not sign in.")

    /// However many roles and permissions there are, a token stays small enough for every proxy's headers.
    private func sign(_ claims: AccessTokenClaims, with key: SigningKey) throws -> String {
        let signer = AccessTokenSigner(key: key)
        do {
            return try signer.sign(claims)
        } catch let error as TokenError where error.code == .tooLarge {
            return try signer.sign(claims.omittingGrants)
        }
    }

    private func claims(of session: Session, _ profile: UserProfile, at now: Timestamp) -> AccessTokenClaims {
        AccessTokenClaims(
            issuer: issuer.text,
            subject: session.userID.description,
            audience: issuer.text,
            expiresAt: now + lifetimes.accessTokenTTL,
            issuedAt: now,
            tokenID: Identifier<AccessTokenClaims>.make(at: now).description,
            sessionID: session.id.description,
            roles: profile.grants.roles.sorted(),
            permissions: profile.grants.permissions.sorted()
        )
    }
}
