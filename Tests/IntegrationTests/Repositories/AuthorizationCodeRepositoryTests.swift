// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct AuthorizationCodeRepositoryTests {
    private static let expiry = Sample.now + .seconds(60)
    private static let later = Sample.now + .seconds(1)

    private func withUser(
        connections: Int = 2,
        _ body: (DatabasePool, PostgresAuthorizationCodeRepository, User) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated(connections: connections) { pool in
            let ada = try Sample.user()
            try await PostgresUserRepository(database: pool).create(ada, roles: [BuiltIn.Role.user], linkedTo: nil)
            try await body(pool, PostgresAuthorizationCodeRepository(database: pool), ada)
        }
    }

    private func code(of user: User, expiresAt: Timestamp = expiry) -> AuthorizationCode {
        AuthorizationCode(
            userID: user.id,
            method: "google",
            redirectURI: "https://app.example.com/callback",
            codeChallenge: String(repeating: "A", count: 43),
            expiresAt: expiresAt
        )
    }

    private func open(_ session: Session, in pool: any StatementExecutor) async throws {
        let isOpen = try await PostgresSessionRepository(database: pool)
            .open(session, refreshTokenHash: Sample.hash(1), refreshTokenExpiresAt: session.expiresAt)
        try #require(isOpen)
    }

    @Test func code_whenAllSessionsAreEnded_isGoneWithThem() async throws {
        try await withUser { pool, codes, ada async throws in
            #expect(try await codes.create(code(of: ada), hash: Sample.hash(1), at: Sample.now))
            try await PostgresSessionRepository(database: pool).endAll(
                of: Sample.user("grace@example.com").id,
                at: Self.later
            )
            #expect(try await pool.count("authorization_codes") == 1)
            try await PostgresSessionRepository(database: pool).endAll(of: ada.id, at: Self.later)
            #expect(try await pool.count("authorization_codes") == 0)
        }
    }

    @Test func create_whenTheUserIsGoneOrNotActive_storesNothing() async throws {
        try await withUser { pool, codes, ada async throws in
            let stranger = try Sample.user("nobody@example.com")
            #expect(try await !codes.create(code(of: stranger), hash: Sample.hash(1), at: Sample.now))
            try await pool.deactivate(ada)
            #expect(try await !codes.create(code(of: ada), hash: Sample.hash(2), at: Sample.now))
            #expect(try await pool.count("authorization_codes") == 0)
        }
    }

    @Test func create_clearsAwayWhatExpired_usedOrNot() async throws {
        try await withUser { pool, codes, ada async throws in
            for seed in UInt8(1)...4 {
                let code = code(of: ada, expiresAt: seed < 4 ? Self.expiry : Self.expiry + .seconds(60))
                #expect(try await codes.create(code, hash: Sample.hash(seed), at: Sample.now))
            }
            let session = Sample.session(of: ada)
            #expect(try await codes.consume(hash: Sample.hash(1), for: session.id, at: Self.later) != nil)
            #expect(try await codes.consume(hash: Sample.hash(4), for: session.id, at: Self.later) != nil)
            let after = Self.expiry + .seconds(1)
            #expect(try await codes.create(code(of: ada, expiresAt: after), hash: Sample.hash(5), at: after))
            #expect(try await pool.count("authorization_codes") == 2)
            #expect(try await pool.count("authorization_codes where used_at is not null") == 1)
        }
    }

    @Test func consume_worksOnce_andNotAfterItsTime() async throws {
        try await withUser { pool, codes, ada async throws in
            let (code, session) = (code(of: ada), Sample.session(of: ada))
            #expect(try await codes.create(code, hash: Sample.hash(1), at: Sample.now))
            #expect(try await codes.consume(hash: Sample.hash(2), for: session.id, at: Self.later) == nil)
            #expect(try await codes.consume(hash: Sample.hash(1), for: session.id, at: Self.expiry) == nil)
            #expect(try await codes.consume(hash: Sample.hash(1), for: session.id, at: Self.later) == code)
            #expect(try await codes.consume(hash: Sample.hash(1), for: session.id, at: Self.later) == nil)
            #expect(try await pool.count("authorization_codes where used_at is not null") == 1)
        }
    }

    @Test func consume_thirtyAtOnce_oneSucceeds() async throws {
        try await withUser(connections: 8) { _, codes, ada async throws in
            #expect(try await codes.create(code(of: ada), hash: Sample.hash(1), at: Sample.now))
            let consumed = try await successes(of: 30) { _ in
                try await codes.consume(hash: Sample.hash(1), for: .make(at: Self.later), at: Self.later) != nil
            }
            #expect(consumed == 1)
        }
    }

    @Test func endSession_endsTheOneThatTheCodeOpened_onceAndWhileTheCodeLives() async throws {
        try await withUser { pool, codes, ada async throws in
            let (session, other) = (Sample.session(of: ada), Sample.session(of: ada))
            #expect(try await codes.create(code(of: ada), hash: Sample.hash(1), at: Sample.now))
            #expect(try await codes.endSession(ofCode: Sample.hash(1), at: Self.later) == nil, "not used")
            #expect(try await codes.consume(hash: Sample.hash(1), for: session.id, at: Self.later) != nil)
            #expect(try await codes.endSession(ofCode: Sample.hash(1), at: Self.later) == nil, "opened nothing")
            try await open(session, in: pool)
            _ = try await PostgresSessionRepository(database: pool)
                .open(other, refreshTokenHash: Sample.hash(2), refreshTokenExpiresAt: other.expiresAt)

            #expect(try await codes.endSession(ofCode: Sample.hash(2), at: Self.later) == nil)
            #expect(try await codes.endSession(ofCode: Sample.hash(1), at: Self.expiry) == nil)
            #expect(try await pool.count("sessions where ended_at is null") == 2)

            let ended = try await codes.endSession(ofCode: Sample.hash(1), at: Self.later)
            #expect(ended?.id == session.id)
            #expect(ended?.userID == ada.id)
            #expect(try await codes.endSession(ofCode: Sample.hash(1), at: Self.later) == nil)
            #expect(try await pool.count("sessions where ended_at is null") == 1)
            #expect(try await pool.count("revocations where kind = 'session'") == 1)
        }
    }

    /// The second use comes while the first one opens the session: it has to see that session, or nothing would end it.
    @Test func consume_waitsForTheUseThatIsUnderWay_andThenEndsItsSession() async throws {
        try await withUser(connections: 3) { pool, codes, ada async throws in
            let session = Sample.session(of: ada)
            #expect(try await codes.create(code(of: ada), hash: Sample.hash(1), at: Sample.now))
            let second: Task<(id: Identifier<Session>, userID: Identifier<User>)?, any Error> =
                try await pool.transaction { transaction in
                    let first = PostgresAuthorizationCodeRepository(database: transaction)
                    #expect(try await first.consume(hash: Sample.hash(1), for: session.id, at: Self.later) != nil)
                    let second = Task {
                        let again = try await codes.consume(
                            hash: Sample.hash(1),
                            for: .make(at: Self.later),
                            at: Self.later
                        )
                        #expect(again == nil)
                        return try await codes.endSession(ofCode: Sample.hash(1), at: Self.later)
                    }
                    try await DatabaseFixture.eventually { try await transaction.isWaitedFor() }
                    try await open(session, in: transaction)
                    return second
                }
            #expect(try await second.value?.id == session.id)
        }
    }
}
