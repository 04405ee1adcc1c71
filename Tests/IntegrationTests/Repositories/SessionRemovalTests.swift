// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct SessionRemovalTests {
    /// Sessions by how long ago they expired and, with a second number, ended; each with `tokens` refresh tokens, all but
    /// one of them used, of which the first `expired` have expired.
    private static let load = Statement.write(
        """
        with opened as (
            insert into sessions (id, user_id, method, created_at, last_used_at, expires_at, ended_at)
            select gen_random_uuid(), u.id, 'corp', $1::timestamptz - interval '90 days', $1, $2, $3
            from users u cross join generate_series(1, $4::integer)
            returning id
        )
        insert into refresh_tokens (token_hash, session_id, created_at, expires_at, used_at)
        select sha256((o.id::text || i)::bytea), o.id, $1::timestamptz - interval '90 days',
            case when i <= $6 then $1::timestamptz - interval '1 second' else $1::timestamptz + interval '1 day' end,
            case when i < $5 then $1::timestamptz - interval '1 day' end
        from opened o cross join generate_series(1, $5::integer) i
        """
    )

    private func withUser(
        connections: Int = 2,
        _ body: (DatabasePool, PostgresSessionRepository) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated(connections: connections) { pool in
            let ada = try Sample.user()
            try await PostgresUserRepository(database: pool).create(ada, roles: [BuiltIn.Role.user], linkedTo: nil)
            try await body(pool, PostgresSessionRepository(database: pool))
        }
    }

    private func add(
        _ sessions: Int,
        expiring: Duration,
        ended: Duration? = nil,
        tokens: Int = 1,
        expired: Int = 0,
        to pool: DatabasePool
    ) async throws {
        _ = try await pool.execute(
            Self.load,
            [
                .timestamp(Sample.now), .timestamp(Sample.now + expiring), .timestamp(ended.map { Sample.now + $0 }),
                .integer(Int64(sessions)), .integer(Int64(tokens)), .integer(Int64(expired)),
            ]
        )
    }

    /// Runs `remove` until nothing is left; how much each run removed.
    private func all(_ remove: () async throws -> Int) async throws -> [Int] {
        var removed: [Int] = []
        repeat { removed.append(try await remove()) } while removed.last != 0
        return removed
    }

    @Test func removeSessions_removesThoseThatAreOver_andNothingElse() async throws {
        try await withUser { pool, sessions async throws in
            try await add(3, expiring: .seconds(-1), tokens: 2, to: pool)
            try await add(4, expiring: .seconds(86_400), ended: .seconds(-1), tokens: 2, to: pool)
            try await add(5, expiring: .zero, tokens: 2, to: pool)
            try await add(6, expiring: .seconds(86_400), ended: .zero, tokens: 2, to: pool)
            try await add(7, expiring: .seconds(86_400), tokens: 2, to: pool)

            #expect(try await all { try await sessions.removeSessions(overBefore: Sample.now) } == [14, 7, 0])
            #expect(try await pool.count("sessions") == 18)
            #expect(try await pool.count("refresh_tokens") == 36)
        }
    }

    @Test func removeSessions_takesAThousandRowsAtATime_howeverManyTokensTheyHave() async throws {
        try await withUser { pool, sessions async throws in
            try await add(3, expiring: .seconds(-1), tokens: 800, to: pool)
            try await add(1500, expiring: .seconds(-1), tokens: 0, to: pool)
            try await add(2, expiring: .seconds(1), tokens: 10, to: pool)

            let removed = try await all { try await sessions.removeSessions(overBefore: Sample.now) }
            #expect(removed.allSatisfy { $0 <= 1000 })
            #expect(removed.reduce(0, +) == 2400 + 1503)
            #expect(removed.count <= 7)
            #expect(try await pool.count("sessions") == 2)
            #expect(try await pool.count("refresh_tokens") == 20)
        }
    }

    /// Otherwise every worker would read and keep the ids of sessions without tokens.
    @Test func removeSessions_longOver_isNoRevocation() async throws {
        try await withUser { pool, sessions async throws in
            _ = try await pool.execute(
                .write(
                    """
                    insert into sessions (id, user_id, method, created_at, last_used_at, expires_at, ended_at)
                    select gen_random_uuid(), u.id, 'corp', now() - interval '90 days', now(),
                        now() - interval '26 hours', case when i <= 20 then now() - interval '80 days' end
                    from users u cross join generate_series(1, 100) i
                    """
                )
            )
            let before = try await pool.count("revocations")
            let removed = try await all { try await sessions.removeSessions(overBefore: Sample.now) }
            #expect(removed == [100, 0])
            #expect(try await pool.count("revocations") == before)
        }
    }

    @Test func removeRefreshTokens_removesThoseThatExpired_alsoOfLiveSessions() async throws {
        try await withUser { pool, sessions async throws in
            try await add(3, expiring: .seconds(86_400), tokens: 700, expired: 500, to: pool)
            #expect(
                try await all { try await sessions.removeRefreshTokens(expiredBefore: Sample.now) } == [1000, 500, 0]
            )
            #expect(try await pool.count("sessions") == 3)
            #expect(try await pool.count("refresh_tokens") == 600)
            #expect(try await pool.count("refresh_tokens where used_at is not null") == 597)
        }
    }

    @Test func removal_byFourWorkersAtOnce_removesEverything() async throws {
        try await withUser(connections: 4) { pool, sessions async throws in
            try await add(4000, expiring: .seconds(-1), tokens: 2, expired: 1, to: pool)
            let done = try await successes(of: 4) { _ in
                while try await sessions.removeRefreshTokens(expiredBefore: Sample.now) > 0 {}
                while try await sessions.removeSessions(overBefore: Sample.now) > 0 {}
                return true
            }
            #expect(done == 4)
            #expect(try await pool.count("sessions") == 0)
            #expect(try await pool.count("refresh_tokens") == 0)
        }
    }

    @Test func removal_leavesWhatARequestHolds() async throws {
        try await withUser { pool, sessions async throws in
            try await add(2, expiring: .seconds(-1), expired: 1, to: pool)
            try await pool.transaction { transaction in
                _ = try await transaction.execute(.write("select 1 from sessions limit 1 for no key update"))
                _ = try await transaction.execute(.write("select 1 from refresh_tokens limit 1 for update"))
                #expect(try await sessions.removeRefreshTokens(expiredBefore: Sample.now) == 1)
            }
            #expect(try await pool.count("refresh_tokens") == 1)
        }
    }
}
