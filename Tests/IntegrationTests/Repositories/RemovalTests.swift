// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

/// That removing what is over holds up nobody, however much there is of it.
@Suite struct RemovalTests {
    /// 2500 rows in each table that have expired, and one of each that has not.
    private static let load = """
        insert into idempotency_keys (key_hash, fingerprint, expires_at)
        select sha256(i::text::bytea), sha256(''), $1::timestamptz - interval '1 second' * i
        from generate_series(1, 2500) i
        union all select sha256('live'), sha256(''), $1 + interval '1 second';
        insert into used_login_states (state_hash, expires_at)
        select sha256(i::text::bytea), $1::timestamptz - interval '1 second' * i from generate_series(1, 2500) i
        union all select sha256('live'), $1 + interval '1 second';
        insert into sign_in_links (token_hash, user_id, expires_at)
        select sha256(i::text::bytea), u.id, $1::timestamptz - interval '1 second' * i
        from users u cross join generate_series(1, 2500) i
        union all select sha256('live'), u.id, $1 + interval '1 second' from users u;
        insert into revocations (xid, kind, subject, created_at)
        select i::text::xid8, 'session', gen_random_uuid(), $1::timestamptz - interval '1 second' * i
        from generate_series(1, 2500) i
        union all select '1'::xid8, 'session', gen_random_uuid(), $1 + interval '1 second'
        """

    /// Each table with the statement that removes from it.
    private static let removals: [(table: String, statement: Statement)] = [
        ("idempotency_keys", PostgresIdempotencyRepository.removeExpired),
        ("used_login_states", PostgresSessionRepository.removeLoginStates),
        ("sign_in_links", PostgresSessionRepository.removeSignInLinks),
        ("revocations", PostgresRevocationRepository.remove),
    ]

    private func withLoad(_ body: (DatabasePool, User) async throws -> Void) async throws {
        try await TestDatabase.withMigrated(connections: 3) { pool in
            let ada = try Sample.user()
            try await PostgresUserRepository(database: pool).create(ada, roles: [BuiltIn.Role.user], linkedTo: nil)
            _ = try await pool.execute(.write("delete from revocations"))
            for statement in Self.load.split(separator: ";") {
                _ = try await pool.execute(.write(String(statement)), [.timestamp(Sample.now)])
            }
            try await body(pool, ada)
        }
    }

    @Test func eachRun_removesAThousandRows() async throws {
        try await withLoad { pool, _ in
            for (table, statement) in Self.removals {
                let removed = try await pool.execute(statement, [.timestamp(Sample.now)]).affectedRows
                #expect(removed == 1000, "\(table)")
            }
        }
    }

    @Test func removal_removesAllThatExpired_andNothingElse() async throws {
        try await withLoad { pool, _ in
            try await PostgresIdempotencyRepository(database: pool).removeExpired(before: Sample.now)
            try await PostgresSessionRepository(database: pool).removeExpired(before: Sample.now)
            try await PostgresRevocationRepository(database: pool).remove(before: Sample.now)
            for (table, _) in Self.removals { #expect(try await pool.count(table) == 1, "\(table)") }
        }
    }

    @Test func removal_findsItsRowsByTheirIndex_howeverLargeTheTable() async throws {
        try await withLoad { pool, _ in
            for (table, statement) in Self.removals {
                _ = try await pool.execute(.write("analyze \(table)"))
                // So that the planner believes in a thousand times as many.
                _ = try await pool.execute(
                    .write("update pg_class set reltuples = 1000 * reltuples where relname = '\(table)'")
                )
                let plan = try await pool.transaction { transaction in
                    _ = try await transaction.execute(.write("set local plan_cache_mode = force_generic_plan"))
                    _ = try await transaction.execute(.write("prepare \(table)_removal as \(statement.sql)"))
                    return try await transaction.execute(.read("explain execute \(table)_removal (now())")).rows
                        .map { row in try row.decode(0, as: String.self) }.joined(separator: "\n")
                }
                #expect(!plan.contains("Seq Scan on \(table)"), "\(plan)")
                #expect(plan.contains(" using \(table)_"), "\(plan)")
            }
        }
    }

    /// Waiting for it with locks of its own, it would hold up everybody else.
    @Test func removal_leavesWhatARequestHolds_andWaitsForNobody() async throws {
        try await withLoad { pool, _ in
            for (table, statement) in Self.removals {
                try await pool.transaction { transaction in
                    _ = try await transaction.execute(.write("select 1 from \(table) for update"))
                    let removed = try await pool.execute(statement, [.timestamp(Sample.now)]).affectedRows
                    #expect(removed == 0, "\(table)")
                }
            }
        }
    }

    /// What requests do while a run is under way, and its locks are held: none of it waits.
    @Test func requests_whileARunIsUnderWay_waitForNothing() async throws {
        try await withLoad { pool, ada in
            let sessions = PostgresSessionRepository(database: pool)
            let session = Sample.session(of: ada)
            let isOpen = try await sessions.open(
                session,
                refreshTokenHash: Sample.hash(1),
                refreshTokenExpiresAt: session.expiresAt
            )
            #expect(isOpen)
            _ = try await pool.execute(
                .write(
                    """
                    insert into refresh_tokens (token_hash, session_id, created_at, expires_at, used_at)
                    select sha256(i::text::bytea), $2, $1::timestamptz - interval '90 days',
                        $1::timestamptz - interval '1 second', $1::timestamptz - interval '1 day'
                    from generate_series(1, 500) i
                    """
                ),
                [.timestamp(Sample.now), .uuid(session.id.uuid)]
            )
            try await pool.transaction { run in
                for (_, statement) in Self.removals + [
                    ("refresh_tokens", PostgresSessionRepository.removeRefreshTokens),
                    ("sessions", PostgresSessionRepository.removeSessions),
                ] {
                    _ = try await run.execute(statement, [.timestamp(Sample.now)])
                }
                // A fiftieth of what a request has: whoever waited for a lock would fail.
                try await pool.transaction { request in
                    _ = try await request.execute(.write("set local lock_timeout = '40ms'"))
                    try await Self.requests(of: ada, session, on: request)
                }
            }
        }
    }

    private static func requests(of user: User, _ session: Session, on database: any StatementExecutor) async throws {
        let sessions = PostgresSessionRepository(database: database)
        let refresh = RefreshTokenUse(
            session: session.id,
            tokenHash: Sample.hash(1),
            successorHash: Sample.hash(2),
            successorExpiresAt: session.expiresAt,
            sealedPair: [1],
            instant: Sample.now,
            forgivenSince: Sample.now,
            userAgent: nil,
            address: nil
        )
        #expect(try await sessions.use(refresh) == .used)
        let another = Session(
            id: .make(at: Sample.now),
            userID: user.id,
            method: "corp",
            userAgent: nil,
            address: nil,
            createdAt: Sample.now,
            lastUsedAt: Sample.now,
            expiresAt: session.expiresAt
        )
        let isOpen = try await sessions.open(
            another,
            refreshTokenHash: Sample.hash(3),
            refreshTokenExpiresAt: session.expiresAt
        )
        #expect(isOpen)
        // Which a trigger notes among the revocations.
        #expect(try await sessions.end(another.id, of: user.id, at: Sample.now))
        #expect(try await sessions.consumeLoginState(hash: Sample.hash(4), expiresAt: session.expiresAt))
        try await sessions.createSignInLink(hash: Sample.hash(5), user: user.id, expiresAt: session.expiresAt)
        let taken = try await PostgresIdempotencyRepository(database: database).take(
            keyHash: Sample.hash(6),
            fingerprint: Sample.hash(7),
            at: Sample.now,
            expiresAt: session.expiresAt
        )
        #expect(taken == nil)
    }
}
