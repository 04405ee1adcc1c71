// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Makes the first administrator of an installation.
package struct BootstrapService: Sendable {
    /// What the first administrator needs to get in.
    ///
    /// Shown once.
    package struct Result: Sendable {
        package let user: User
        package let apiKey: Redacted<String>
        package let signInURL: Redacted<String>
    }

    private let users: any UserRepository
    private let apiKeys: APIKeyService
    private let links: SignInLinkService
    private let audit: any AuditRepository
    private let transactions: any Transactions
    private let clock: any WallClock

    /// - Parameters:
    ///   - users: Where users live.
    ///   - apiKeys: Makes the administrator's key.
    ///   - links: Makes the administrator's link.
    ///   - audit: Where it is written down who changed what.
    ///   - transactions: Makes one of several steps.
    ///   - clock: The time of day.
    package init(
        users: any UserRepository,
        apiKeys: APIKeyService,
        links: SignInLinkService,
        audit: any AuditRepository,
        transactions: any Transactions,
        clock: any WallClock
    ) {
        self.users = users
        self.apiKeys = apiKeys
        self.links = links
        self.audit = audit
        self.transactions = transactions
        self.clock = clock
    }

    /// Whether an installation has an administrator.
    package func isDone() async throws(DomainError) -> Bool {
        try await users.hasActiveUser(withRole: BuiltIn.Role.admin)
    }

    /// Creates the administrator, a key with every role and permission of the administrator, and a sign-in link.
    ///
    /// - Throws: ``ErrorCode/conflict`` when an administrator exists, or the e-mail address is taken.
    package func run(email: EmailAddress) async throws(DomainError) -> Result {
        let now = clock.now()
        let user = User(
            id: .make(at: now),
            email: email,
            isEmailVerified: true,
            displayName: nil,
            isActive: true,
            createdAt: now,
            updatedAt: now
        )
        // Exclusive, so that of two at once one finds the administrator of the other.
        return try await transactions.runExclusively { [self] () async throws(DomainError) in
            guard try await !isDone() else {
                throw DomainError(.conflict, "An administrator exists already.")
            }
            try await users.create(
                user,
                roles: [BuiltIn.Role.admin],
                linkedTo: nil,
                recording: .created(user, roles: [BuiltIn.Role.admin], by: .commandLine)
            )
            let key = NewAPIKey(
                owner: user.id,
                name: "first administrator",
                grants: Grants(roles: [BuiltIn.Role.admin])
            )
            let apiKey = try await apiKeys.create(key, by: .shell).secret
            let link = try await links.create(for: user.id)
            try await audit.record(.signInLinkCreated, of: .user(user.id), by: .commandLine, at: now)
            return Result(user: user, apiKey: apiKey, signInURL: link)
        }
    }
}
