// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging
import Models

/// Which user an identity at an outside issuer belongs to.
///
/// An identity is issuer and subject, never the e-mail address, which its holder at the issuer can change.
package struct IdentityService: Sendable {
    private let identities: any IdentityRepository
    private let users: any UserRepository
    private let audit: any AuditRepository
    private let transactions: any Transactions
    private let clock: any WallClock
    private let logger: Logger

    /// - Parameters:
    ///   - identities: Where identities live.
    ///   - users: Where users live.
    ///   - audit: Where it is written down who changed what.
    ///   - transactions: Makes one of several steps.
    ///   - clock: The time of day.
    ///   - logger: Gets a line for each identity that joins a user.
    package init(
        identities: any IdentityRepository,
        users: any UserRepository,
        audit: any AuditRepository,
        transactions: any Transactions,
        clock: any WallClock,
        logger: Logger
    ) {
        self.identities = identities
        self.users = users
        self.audit = audit
        self.transactions = transactions
        self.clock = clock
        self.logger = logger
    }

    /// The user who signs in with `identity`; the first sign-in makes one, or joins the user with the same address.
    ///
    /// - Throws: ``ErrorCode/forbidden`` when there is no usable address to make a user with,
    ///   ``ErrorCode/accountLinkRequired`` when the address is somebody's who may be somebody else.
    func user(for identity: ExternalIdentity) async throws(DomainError) -> Identifier<User> {
        if let user = try await users.user(issuer: identity.issuer, subject: identity.subject) { return user.id }
        guard let email = identity.email.flatMap(EmailAddress.init(_:)) else {
            throw DomainError(.forbidden, "The provider tells no usable e-mail address.")
        }
        let now = clock.now()
        let user = User(
            id: .make(at: now),
            email: email,
            isEmailVerified: identity.isEmailVerified,
            displayName: identity.displayName.flatMap(DisplayName.cleaned),
            isActive: true,
            createdAt: now,
            updatedAt: now
        )
        do throws(DomainError) {
            let roles: Set = [BuiltIn.Role.user]
            try await users.create(
                user,
                roles: roles,
                linkedTo: identity,
                recording: .created(user, roles: roles, linkedTo: identity, by: .user(user.id))
            )
            return user.id
        } catch {
            guard error.code == .conflict else { throw error }
            return try await owner(of: identity, email: email)
        }
    }

    /// The user of an identity for which none could be made, since the address or the identity itself is taken by now.
    ///
    /// Both sides must have proven that the address is theirs. If the provider did not check it, anybody could take over
    /// the user who has it; if we did not, whoever made that user first, with an address that was not theirs, would share
    /// the account with the one who now comes with the right to it.
    private func owner(of identity: ExternalIdentity, email: EmailAddress) async throws(DomainError) -> Identifier<User>
    {
        let now = clock.now()
        let (joined, owner) = try await transactions.run {
            [identities, users, audit] () async throws(DomainError) -> (LinkedIdentity?, User?) in
            let joined =
                identity.isEmailVerified
                ? try await identities.link(identity, toVerified: email, at: now) : nil
            // Not what was linked just now: of two first sign-ins of one person at once, the other one may have been faster.
            let owner = try await users.user(issuer: identity.issuer, subject: identity.subject)
            if let joined, let owner {
                let details = joined.auditDetails(of: owner.id)
                try await audit.record(
                    .identityLinked,
                    of: .identity(joined.id),
                    by: .user(owner.id),
                    at: now,
                    details
                )
            }
            return (joined, owner)
        }
        guard let owner else {
            throw DomainError(
                .accountLinkRequired,
                "A user with this e-mail address exists already: sign in as before, then link this identity on purpose "
                    + "(POST /api/v1/auth/{provider}/link)."
            )
        }
        if let joined { logger.info("identity joined a user", metadata: joined.metadata(of: owner.id)) }
        return owner.id
    }
}
