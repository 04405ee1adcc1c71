// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct SessionRefreshTests {
    private static let grace = Duration.seconds(10)

    private func withSession(
        connections: Int = 2,
        _ body: @Sendable (DatabasePool, PostgresSessionRepository, Session) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated(connections: connections) { pool in
            let ada = try Sample.user()
            try await PostgresUserRepository(database: pool).create(ada, roles: [BuiltIn.Role.user], linkedTo: nil)
            let sessions = PostgresSessionRepository(database: pool)
            let session = Sample.session(of: ada)
            let isOpen = try await sessions.open(
                session,
                refreshTokenHash: Sample.hash(1),
                refreshTokenExpiresAt: Sample.now + .seconds(60)
            )
            try #require(isOpen)
            try await body(pool, sessions, session)
        }
    }

    /// The use of token `hash` for token `successor`, whose pair is its number.
    private static func use(
        _ hash: UInt8,
        for successor: UInt8,
        of session: Session,
        at instant: Timestamp = Sample.now
    ) -> RefreshTokenUse {
        RefreshTokenUse(
            session: session.id,
            tokenHash: Sample.hash(hash),
            successorHash: Sample.hash(successor),
            successorExpiresAt: instant + .seconds(60),
            sealedPair: [successor],
            instant: instant,
            forgivenSince: instant - grace,
            userAgent: "curl/9",
            address: "192.0.2.7"
        )
    }

    @Test func use_storesTheSuccessorAndWhoUsedIt() async throws {
        try await withSession { pool, sessions, session in
            let instant = Sample.now + .seconds(30)
            #expect(try await sessions.use(Self.use(1, for: 2, of: session, at: instant)) == .used)
            let found = try #require(await sessions.session(refreshTokenHash: Sample.hash(2)))
            #expect(found.id == session.id && found.userID == session.userID)
            #expect(found.userAgent == "curl/9" && found.address == "192.0.2.7")
            #expect(found.lastUsedAt == instant && found.expiresAt == session.expiresAt)
            let (same, user) = try #require(await sessions.sessionAndUser(refreshTokenHash: Sample.hash(2)))
            #expect(same == found)
            #expect(try await PostgresUserRepository(database: pool).profile(of: session.userID) == user)
            #expect(try await pool.count("refresh_tokens where used_at is null") == 1)
        }
    }

    @Test func use_fiftyAtOnce_oneUsesIt_andAllGetItsPair() async throws {
        try await withSession(connections: 8) { pool, sessions, session in
            let outcomes = try await withThrowingTaskGroup(of: RefreshTokenUse.Outcome.self) { group in
                for successor in UInt8(2)..<52 {
                    group.addTask { try await sessions.use(Self.use(1, for: successor, of: session)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == .used }.count == 1)
            #expect(Set(outcomes).count == 2)
            #expect(try await pool.count("refresh_tokens") == 2)
            #expect(try await pool.count("refresh_tokens where used_at is null") == 1)
            #expect(try await pool.count("sessions where ended_at is null") == 1)
        }
    }

    @Test func use_again_isRepeatedWithinTheGrace_andReusedAfterIt_asOftenAsItIsShown() async throws {
        try await withSession { pool, sessions, session in
            _ = try await sessions.use(Self.use(1, for: 2, of: session))
            let late = Sample.now + Self.grace - .milliseconds(1)
            #expect(try await sessions.use(Self.use(1, for: 3, of: session, at: late)) == .repeated(sealedPair: [2]))
            let tooLate = Sample.now + Self.grace
            for _ in 0..<2 {
                #expect(try await sessions.use(Self.use(1, for: 3, of: session, at: tooLate)) == .reused)
            }
            #expect(try await pool.count("refresh_tokens") == 2)
        }
    }

    @Test func use_ofTheSuccessor_forgetsTheAnswerBefore_onceTheGraceIsOver() async throws {
        try await withSession { pool, sessions, session in
            _ = try await sessions.use(Self.use(1, for: 2, of: session))
            _ = try await sessions.use(Self.use(2, for: 3, of: session, at: Sample.now + .seconds(1)))
            #expect(try await pool.count("refresh_tokens where sealed_pair is not null") == 2)
            _ = try await sessions.use(Self.use(3, for: 4, of: session, at: Sample.now + .seconds(20)))
            #expect(try await pool.count("refresh_tokens where sealed_pair is not null") == 2)
        }
    }

    @Test func use_whenTokenOrSessionIsOver_isRefused() async throws {
        try await withSession { pool, sessions, session in
            #expect(try await sessions.use(Self.use(9, for: 2, of: session)) == .refused)
            let idle = Sample.now + .seconds(60)
            #expect(try await sessions.use(Self.use(1, for: 2, of: session, at: idle)) == .refused)
            _ = try await sessions.use(Self.use(1, for: 2, of: session, at: idle - .seconds(1)))
            _ = try await pool.execute(.write("update refresh_tokens set expires_at = expires_at + interval '1 day'"))
            #expect(try await sessions.use(Self.use(2, for: 3, of: session, at: session.expiresAt)) == .refused)
            #expect(try await pool.count("sessions where ended_at is null") == 1)
        }
    }

    @Test func use_whenTheSessionIsAnothers_isRefused() async throws {
        try await withSession { pool, sessions, session in
            let other = Session(
                id: .make(at: Sample.now),
                userID: session.userID,
                method: "google",
                userAgent: nil,
                address: nil,
                createdAt: Sample.now,
                lastUsedAt: Sample.now,
                expiresAt: session.expiresAt
            )
            _ = try await sessions.open(
                other,
                refreshTokenHash: Sample.hash(9),
                refreshTokenExpiresAt: session.expiresAt
            )
            #expect(try await sessions.use(Self.use(1, for: 2, of: other)) == .refused)
            #expect(try await pool.count("refresh_tokens where used_at is not null") == 0)
        }
    }

    @Test func use_waitsForASignOutThatIsUnderWay_andIsRefused() async throws {
        try await withSession { pool, sessions, session in
            let used: Task<RefreshTokenUse.Outcome, any Error> = try await pool.transaction { transaction in
                _ = try await transaction.execute(
                    .write("update sessions set ended_at = $2 where id = $1"),
                    [.uuid(session.id.uuid), .timestamp(Sample.now)]
                )
                let using = Task { try await sessions.use(Self.use(1, for: 2, of: session)) }
                try await DatabaseFixture.eventually { try await transaction.isWaitedFor() }
                return using
            }
            #expect(try await used.value == .refused)
            #expect(try await pool.count("refresh_tokens") == 1)
        }
    }
}
