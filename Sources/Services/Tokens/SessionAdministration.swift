// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Seeing and ending sessions: one's own, and those of others.
package struct SessionAdministration: Sendable {
    private let users: any UserRepository
    private let sessions: any SessionRepository
    private let audit: any AuditRepository
    private let transactions: any Transactions
    private let access: AccessGuard
    private let clock: any WallClock

    /// - Parameters:
    ///   - users: Where users live.
    ///   - sessions: Where sessions live.
    ///   - audit: Where it is written down who changed what.
    ///   - transactions: Makes one of several steps.
    ///   - clock: The time of day.
    package init(
        users: any UserRepository,
        sessions: any SessionRepository,
        audit: any AuditRepository,
        transactions: any Transactions,
        clock: any WallClock
    ) {
        self.users = users
        self.sessions = sessions
        self.audit = audit
        self.transactions = transactions
        self.access = AccessGuard(users: users)
        self.clock = clock
    }

    /// The sessions of a user that are still good, newest first.
    ///
    /// - Throws: ``ErrorCode/notFound`` for a user who does not exist.
    package func list(
        of user: Identifier<User>,
        after: Identifier<Session>?,
        limit: Int
    ) async throws(DomainError) -> Listing<Session> {
        guard try await users.profile(of: user) != nil else { throw .noSuchUser }
        let fetched = try await sessions.list(of: user, at: clock.now(), after: after, limit: limit + 1)
        return Listing(fetched: fetched, limit: limit)
    }

    /// Ends the session that `principal` is in, if there still is one.
    package func logOut(_ principal: Principal) async throws(DomainError) {
        guard case .accessToken(let session) = principal.credential else { return }
        _ = try await end(session, of: principal.userID, by: .principal(principal), at: clock.now())
    }

    /// Ends a session of one's own.
    ///
    /// - Throws: ``ErrorCode/notFound`` when it is not one's own, or over.
    package func endOwn(_ id: Identifier<Session>, _ principal: Principal) async throws(DomainError) {
        guard try await end(id, of: principal.userID, by: .principal(principal), at: clock.now()) else {
            throw Self.noSuchSession
        }
    }

    /// Ends all sessions of one's own, the present one, too.
    package func endAllOwn(_ principal: Principal) async throws(DomainError) {
        let now = clock.now()
        try await transactions.run { [self] () async throws(DomainError) in
            try await endAll(of: principal.userID, by: .principal(principal), at: now)
        }
    }

    /// Ends a session of a user.
    ///
    /// - Throws: ``ErrorCode/notFound`` for user and session, ``ErrorCode/forbidden`` for a user who may do more than the
    ///   initiator.
    package func end(
        _ id: Identifier<Session>,
        of user: Identifier<User>,
        by initiator: Initiator
    ) async throws(DomainError) {
        let now = clock.now()
        try await ending(of: user, by: initiator) { [self] () async throws(DomainError) in
            guard try await end(id, of: user, by: .initiator(initiator), at: now) else { throw Self.noSuchSession }
        }
    }

    /// Ends all sessions of a user.
    ///
    /// - Throws: ``ErrorCode/notFound`` for a user who does not exist, ``ErrorCode/forbidden`` for one who may do more
    ///   than the initiator.
    package func endAll(of user: Identifier<User>, by initiator: Initiator) async throws(DomainError) {
        let now = clock.now()
        try await ending(of: user, by: initiator) { [self] () async throws(DomainError) in
            try await endAll(of: user, by: .initiator(initiator), at: now)
        }
    }

    private func ending(
        of user: Identifier<User>,
        by initiator: Initiator,
        _ body: @escaping @Sendable () async throws(DomainError) -> Void
    ) async throws(DomainError) {
        try await transactions.runExclusively { [users, access] () async throws(DomainError) in
            let authority = try await access.authority(of: initiator, for: BuiltIn.Permission.usersWrite)
            guard let profile = try await users.lockedProfile(of: user) else { throw .noSuchUser }
            try authority.requireCovers(profile)
            try await body()
        }
    }

    private func end(
        _ id: Identifier<Session>,
        of user: Identifier<User>,
        by actor: AuditActor,
        at instant: Timestamp
    ) async throws(DomainError) -> Bool {
        try await transactions.run { [sessions, audit] () async throws(DomainError) in
            guard try await sessions.end(id, of: user, at: instant) else { return false }
            let details: [String: JSONValue] = ["user_id": .string(user.description)]
            try await audit.record(.sessionEnded, of: .session(id), by: actor, at: instant, details)
            return true
        }
    }

    private func endAll(
        of user: Identifier<User>,
        by actor: AuditActor,
        at instant: Timestamp
    ) async throws(DomainError) {
        let count = try await sessions.endAll(of: user, at: instant)
        guard count > 0 else { return }
        let details: [String: JSONValue] = ["sessions": .integer(Int64(count))]
        try await audit.record(.sessionsEnded, of: .user(user), by: actor, at: instant, details)
    }

    private static let noSuchSession = DomainError(.notFound, "There is no such session.")
}
