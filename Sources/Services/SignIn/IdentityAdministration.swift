// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Logging
import Models

/// Seeing, linking and unlinking the identities of users on purpose: one's own, and those of others.
package struct IdentityAdministration: Sendable {
    private let identities: any IdentityRepository
    private let users: any UserRepository
    private let sessions: any SessionRepository
    private let audit: any AuditRepository
    private let transactions: any Transactions
    private let access: AccessGuard
    private let providers: [any IdentityProvider]
    private let encryption: AuthenticatedEncryption
    private let clock: any WallClock
    private let logger: Logger

    /// - Parameters:
    ///   - identities: Where identities live.
    ///   - users: Where users live.
    ///   - sessions: Where sessions live.
    ///   - audit: Where it is written down who changed what.
    ///   - transactions: Makes one of several steps.
    ///   - providers: The identity providers that are on.
    ///   - encryption: Opens the codes of ``SignInService``, with the same key.
    ///   - clock: The time of day.
    ///   - logger: Gets a line for each identity that is linked or unlinked.
    package init(
        identities: any IdentityRepository,
        users: any UserRepository,
        sessions: any SessionRepository,
        audit: any AuditRepository,
        transactions: any Transactions,
        providers: [any IdentityProvider],
        encryption: AuthenticatedEncryption,
        clock: any WallClock,
        logger: Logger
    ) {
        self.identities = identities
        self.users = users
        self.sessions = sessions
        self.audit = audit
        self.transactions = transactions
        self.access = AccessGuard(users: users)
        self.providers = providers
        self.encryption = encryption
        self.clock = clock
        self.logger = logger
    }

    /// The name of the provider at which `identity` can sign in; nil when none that is on has its issuer.
    package func provider(of identity: LinkedIdentity) -> String? {
        providers.first { $0.issuer.utf8.elementsEqual(identity.issuer.utf8) }?.name
    }

    /// The identities of a user, newest first.
    ///
    /// - Throws: ``ErrorCode/notFound`` for a user who does not exist.
    package func list(
        of user: Identifier<User>,
        after: Identifier<LinkedIdentity>?,
        limit: Int
    ) async throws(DomainError) -> Listing<LinkedIdentity> {
        guard try await users.profile(of: user) != nil else { throw .noSuchUser }
        return Listing(fetched: try await identities.list(of: user, after: after, limit: limit + 1), limit: limit)
    }

    /// One identity of one's own.
    ///
    /// - Throws: ``ErrorCode/notFound``.
    package func findOwn(
        _ id: Identifier<LinkedIdentity>,
        _ principal: Principal
    ) async throws(DomainError) -> LinkedIdentity {
        guard let identity = try await identities.find(id, of: principal.userID) else { throw Self.noSuchIdentity }
        return identity
    }

    /// Links the identity that `code` stands for to its user; a second time it changes nothing.
    ///
    /// - Parameters:
    ///   - code: What the app got.
    ///   - codeVerifier: What the challenge of the link was made from.
    ///   - principal: Who began the link.
    /// - Returns: The identity as it is linked now.
    /// - Throws: ``ErrorCode/validationFailed`` when the code is none of ours, expired, or for somebody else's link;
    ///   ``ErrorCode/conflict`` when the identity belongs to another user; ``ErrorCode/unauthenticated`` when the user is
    ///   gone or not active.
    package func link(
        _ code: String,
        codeVerifier: String,
        _ principal: Principal
    ) async throws(DomainError) -> LinkedIdentity {
        let challenge: String
        do {
            challenge = try PKCE(verifier: codeVerifier).challenge
        } catch {
            throw DomainError(wrapping: error)
        }
        let now = clock.now()
        guard
            let code = LinkCode(opening: code, with: encryption), now < code.expiresAt,
            code.user == principal.userID, ConstantTime.equal(challenge, code.codeChallenge)
        else {
            throw .invalid("code", code: "invalid", "is not valid, has expired, or belongs to another link")
        }
        let identity = try await transactions.run { [self] () async throws(DomainError) in
            try await lockOwn(principal)
            let (issuer, subject) = (code.identity.issuer, code.identity.subject)
            let wasLinked = try await users.user(issuer: issuer, subject: subject)?.id == principal.userID
            guard let identity = try await identities.link(code.identity, to: principal.userID, at: now) else {
                throw DomainError(.conflict, "This identity belongs to another user.")
            }
            if !wasLinked {
                try await record(.identityLinked, identity, of: principal.userID, by: .principal(principal), at: now)
            }
            return identity
        }
        log("identity linked", identity, of: principal.userID)
        return identity
    }

    /// Takes an identity of one's own away; sessions go on.
    ///
    /// - Throws: ``ErrorCode/notFound`` when it is not one's own, ``ErrorCode/conflict`` when none would be left to sign in
    ///   with, ``ErrorCode/unauthenticated`` when the user is gone or not active.
    package func unlinkOwn(_ id: Identifier<LinkedIdentity>, _ principal: Principal) async throws(DomainError) {
        let now = clock.now()
        let identity = try await transactions.run { [self] () async throws(DomainError) in
            // Of two that remove the last two, the second one waits here, and then sees what the first one left.
            try await lockOwn(principal)
            let identity = try await unlink(id, of: principal.userID, isLastAllowed: false, at: now)
            try await record(.identityUnlinked, identity, of: principal.userID, by: .principal(principal), at: now)
            return identity
        }
        log("identity unlinked", identity, of: principal.userID)
    }

    /// Takes an identity from a user, be it the last one, and ends all sessions: the identity may have been stolen.
    ///
    /// - Throws: ``ErrorCode/notFound`` for user and identity, ``ErrorCode/forbidden`` for a user who may do more than the
    ///   initiator, ``ErrorCode/conflict`` for the last one of the initiator.
    package func unlink(
        _ id: Identifier<LinkedIdentity>,
        of user: Identifier<User>,
        by initiator: Initiator
    ) async throws(DomainError) {
        let now = clock.now()
        let identity = try await transactions.runExclusively { [self] () async throws(DomainError) in
            let authority = try await access.authority(of: initiator, for: BuiltIn.Permission.usersWrite)
            guard let profile = try await users.lockedProfile(of: user) else { throw .noSuchUser }
            try authority.requireCovers(profile)
            // Nobody locks themselves out, least of all the only administrator.
            let identity = try await unlink(id, of: user, isLastAllowed: user != initiator.userID, at: now)
            try await sessions.endAll(of: user, at: now)
            try await record(.identityUnlinked, identity, of: user, by: .initiator(initiator), at: now)
            return identity
        }
        log("identity unlinked", identity, of: user)
    }

    private func unlink(
        _ id: Identifier<LinkedIdentity>,
        of user: Identifier<User>,
        isLastAllowed: Bool,
        at instant: Timestamp
    ) async throws(DomainError) -> LinkedIdentity {
        guard let identity = try await identities.unlink(id, of: user, at: instant) else { throw Self.noSuchIdentity }
        if isLastAllowed { return identity }
        // An identity at a provider that is off is no way in.
        guard try await identities.hasIdentity(user, at: providers.map(\.issuer)) else {
            throw DomainError(.conflict, "No identity would be left to sign in with.")
        }
        return identity
    }

    private func record(
        _ action: AuditAction,
        _ identity: LinkedIdentity,
        of user: Identifier<User>,
        by actor: AuditActor,
        at instant: Timestamp
    ) async throws(DomainError) {
        let details = identity.auditDetails(of: user)
        try await audit.record(action, of: .identity(identity.id), by: actor, at: instant, details)
    }

    /// Keeps everybody else from changing the user of `principal` until the transaction ends.
    private func lockOwn(_ principal: Principal) async throws(DomainError) {
        guard let profile = try await users.lockedProfile(of: principal.userID), profile.user.isActive else {
            throw DomainError(.unauthenticated, "This user is not active any more.")
        }
    }

    /// Not before everything that the request does is certain: with an `Idempotency-Key` this is a part of a transaction.
    private func log(_ message: Logger.Message, _ identity: LinkedIdentity, of user: Identifier<User>) {
        transactions.afterCommit { [logger] in logger.info(message, metadata: identity.metadata(of: user)) }
    }

    private static let noSuchIdentity = DomainError(.notFound, "There is no such identity.")
}

extension LinkedIdentity {
    /// What the log says of it: neither subject nor address.
    func metadata(of user: Identifier<User>) -> Logger.Metadata {
        ["user_id": "\(user)", "identity_id": "\(id)", "issuer": "\(issuer)"]
    }
}
