// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Logging
import Models

/// Opens sessions: the one place where tokens are made.
package struct SessionService: Sendable {
    let users: any UserRepository
    let sessions: any SessionRepository
    let audit: any AuditRepository
    let transactions: any Transactions
    let signingKeys: SigningKeyService
    let refreshTokens: OpaqueTokenHasher
    /// Issuer and audience of access tokens.
    package let issuer: PublicURL
    let lifetimes: TokenConfiguration
    let clock: any WallClock
    let logger: Logger

    /// - Parameters:
    ///   - users: Where users and their grants live.
    ///   - sessions: Where sessions live.
    ///   - audit: Where it is written down who changed what.
    ///   - transactions: Makes one of several steps.
    ///   - signingKeys: The keys of access tokens.
    ///   - refreshTokens: Hashes refresh tokens.
    ///   - issuer: The service's public address: issuer and audience of its tokens.
    ///   - lifetimes: How long tokens live.
    ///   - clock: The time of day.
    ///   - logger: Gets a line for each refresh token that was shown twice.
    package init(
        users: any UserRepository,
        sessions: any SessionRepository,
        audit: any AuditRepository,
        transactions: any Transactions,
        signingKeys: SigningKeyService,
        refreshTokens: OpaqueTokenHasher,
        issuer: PublicURL,
        lifetimes: TokenConfiguration,
        clock: any WallClock,
        logger: Logger
    ) {
        self.users = users
        self.sessions = sessions
        self.audit = audit
        self.transactions = transactions
        self.signingKeys = signingKeys
        self.refreshTokens = refreshTokens
        self.issuer = issuer
        self.lifetimes = lifetimes
        self.clock = clock
        self.logger = logger
    }

    /// Opens a session for the user `userID`, who signed in by `method`; under `id` when that was chosen before.
    ///
    /// - Throws: ``ErrorCode/forbidden`` when the user is gone or not active.
    package func open(
        _ id: Identifier<Session>? = nil,
        for userID: Identifier<User>,
        method: String,
        userAgent: String?,
        address: IPAddress?
    ) async throws(DomainError) -> TokenPair {
        let ring = try signingKeys.current()
        // Before the grants are read: a token must not look newer than what it says.
        let now = clock.now()
        guard let profile = try await users.profile(of: userID), profile.user.isActive else { throw Self.notActive }

        let session = Session(
            id: id ?? .make(at: now),
            userID: userID,
            method: method,
            userAgent: Self.shortened(userAgent),
            address: address?.description,
            createdAt: now,
            lastUsedAt: now,
            expiresAt: now + lifetimes.sessionTTL
        )
        let (pair, hash) = try newPair(for: session, profile, with: ring.signingKey, at: now)
        try await transactions.run { [sessions, audit] () async throws(DomainError) in
            guard
                try await sessions.open(
                    session,
                    refreshTokenHash: hash,
                    refreshTokenExpiresAt: now + pair.refreshTokenLifetime
                )
            else { throw Self.notActive }
            let details: [String: JSONValue] = ["method": .string(method)]
            try await audit.record(.sessionOpened, of: .session(session.id), by: .user(userID), at: now, details)
        }
        return pair
    }

    /// Ends a session for another reason than that its user, or an administrator, says so.
    func end(
        _ id: Identifier<Session>,
        of user: Identifier<User>,
        by actor: AuditActor,
        because reason: String,
        at instant: Timestamp
    ) async throws(DomainError) {
        try await transactions.run { [sessions, audit] () async throws(DomainError) in
            guard try await sessions.end(id, of: user, at: instant) else { return }
            let details: [String: JSONValue] = ["user_id": .string(user.description), "reason": .string(reason)]
            try await audit.record(.sessionEnded, of: .session(id), by: actor, at: instant, details)
        }
    }

    /// The next pair of `session`, and the hash by which its refresh token is stored.
    func newPair(
        for session: Session,
        _ profile: UserProfile,
        with key: SigningKey,
        at now: Timestamp
    ) throws(DomainError) -> (TokenPair, refreshTokenHash: [UInt8]) {
        do {
            let refreshToken = try OpaqueToken.generate()
            let pair = TokenPair(
                userID: session.userID,
                accessToken: Redacted(try sign(claims(of: session, profile, at: now), with: key)),
                accessTokenLifetime: lifetimes.accessTokenTTL,
                refreshToken: refreshToken.text,
                refreshTokenLifetime: min(lifetimes.refreshTokenTTL, session.expiresAt - now)
            )
            return (pair, try refreshTokens.hash(refreshToken))
        } catch {
            throw DomainError(wrapping: error)
        }
    }

    /// One `Character` can be of any length; the database counts code points.
    static func shortened(_ userAgent: String?) -> String? {
        userAgent.map { String($0.unicodeScalars.prefix(255)) }
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
