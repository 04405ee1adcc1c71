// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Users, as they see themselves and as administrators see them.
package struct UserService: Sendable {
    let users: any UserRepository
    let roles: any RoleRepository
    let audit: any AuditRepository
    let transactions: any Transactions
    let access: AccessGuard
    let clock: any WallClock

    /// - Parameters:
    ///   - users: Where users live.
    ///   - roles: Where roles live.
    ///   - audit: Where it is written down who changed what.
    ///   - transactions: Makes one of several steps.
    ///   - clock: The time of day.
    package init(
        users: any UserRepository,
        roles: any RoleRepository,
        audit: any AuditRepository,
        transactions: any Transactions,
        clock: any WallClock
    ) {
        self.users = users
        self.roles = roles
        self.audit = audit
        self.transactions = transactions
        self.access = AccessGuard(users: users)
        self.clock = clock
    }

    /// The caller, limited to what the credential may do: a key shows its own grants, not those of its owner.
    ///
    /// - Throws: ``ErrorCode/unauthenticated`` when the user is gone or not active.
    package func profile(of principal: Principal) async throws(DomainError) -> UserProfile {
        try Self.own(try await users.profile(of: principal.userID), principal)
    }

    /// Changes what everyone may change of oneself.
    ///
    /// - Throws: ``ErrorCode/unauthenticated`` when the user is gone or not active, ``ErrorCode/staleVersion``.
    package func changeOwn(
        _ principal: Principal,
        displayName: Change<String?>,
        if precondition: Precondition<UserProfile> = .none
    ) async throws(DomainError) -> UserProfile {
        let now = clock.now()
        // Not exclusive: nobody's rights change, and nobody shall make administrators wait by renaming themselves.
        return try await transactions.run { [users, audit] () async throws(DomainError) in
            let profile = try Self.own(try await users.lockedProfile(of: principal.userID), principal)
            try precondition.check(profile)
            let user = UserChanges(displayName: displayName).applied(to: profile.user, at: now)
            guard try await users.change(user) else { throw .noSuchUser }
            if let changes = user.changes(since: profile.user) {
                try await audit.record(.userChanged, of: .user(user.id), by: .principal(principal), at: now, changes)
            }
            return UserProfile(user: user, grants: profile.grants)
        }
    }

    /// - Throws: ``ErrorCode/notFound``.
    package func find(_ id: Identifier<User>) async throws(DomainError) -> UserProfile {
        guard let profile = try await users.profile(of: id) else { throw .noSuchUser }
        return profile
    }

    /// - Throws: ``ErrorCode/notFound``.
    package func find(email: EmailAddress) async throws(DomainError) -> UserProfile {
        guard let profile = try await users.profile(email: email) else { throw .noSuchUser }
        return profile
    }

    /// The users that `filter` lets pass; newest first, or by the words found.
    ///
    /// - Throws: ``ErrorCode/validationFailed`` when `after` is no place in such a list, and for `role` beside another
    ///   filter.
    package func list(
        _ filter: UserFilter,
        after: UserListItem.Place?,
        limit: Int
    ) async throws(DomainError) -> Listing<UserListItem> {
        guard filter.role == nil || (filter.text == nil && filter.isActive == nil) else {
            throw .invalid("role_id", code: "exclusive", "must not stand beside q or is_active")
        }
        return Listing(fetched: try await users.list(filter, after: after, limit: limit + 1), limit: limit)
    }

    /// The roles that a user holds, newest first.
    ///
    /// - Throws: ``ErrorCode/notFound`` for a user who does not exist.
    package func roles(
        of id: Identifier<User>,
        after: Identifier<Role>?,
        limit: Int
    ) async throws(DomainError) -> Listing<Role> {
        _ = try await find(id)
        return Listing(fetched: try await roles.list(heldBy: id, after: after, limit: limit + 1), limit: limit)
    }

    private static func own(_ profile: UserProfile?, _ principal: Principal) throws(DomainError) -> UserProfile {
        guard let profile, profile.user.isActive else {
            throw DomainError(.unauthenticated, "This user is not active any more.")
        }
        switch principal.credential {
        case .accessToken: return profile
        case .apiKey: return UserProfile(user: profile.user, grants: principal.grants)
        }
    }
}
