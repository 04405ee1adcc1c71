// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Repositories
import Testing

/// What the statements behind nearly every request, and those of lists, read on a database of some size.
@Suite struct QueryPlanTests {
    private static let users = 2000

    /// Users with two roles of twenty-two, and two keys each with these and two permissions.
    ///
    /// The last statement makes the planner believe that there are a thousand times as many.
    private static let load = """
        insert into roles (id, name, created_at, updated_at)
        select gen_random_uuid(), 'role_' || i, now(), now() from generate_series(1, 20) i;
        insert into role_permissions (role_id, permission_id, created_at)
        select r.id, p.id, now() from roles r cross join permissions p where not r.is_built_in;
        insert into users (id, email, created_at, updated_at)
        select gen_random_uuid(), 'user' || i || '@example.com', now(), now() from generate_series(1, \(users)) i;
        insert into user_roles (user_id, role_id, created_at)
        select u.id, r.id, now() from users u join roles r on r.name in ('user', 'role_' || (1 + hashtext(u.email) & 15));
        insert into oauth_accounts (issuer, subject, user_id, created_at)
        select 'https://issuer.example', u.email || i, u.id, now() from users u cross join generate_series(1, 2) i;
        insert into api_keys (id, owner_id, name, prefix, last_four, secret_hash, created_at)
        select gen_random_uuid(), u.id, 'key', 'pst', 'abcd', sha256((u.email || i)::bytea), now()
        from users u cross join generate_series(1, 2) i;
        insert into api_key_roles (api_key_id, role_id)
        select k.id, ur.role_id from api_keys k join user_roles ur on ur.user_id = k.owner_id;
        insert into api_key_permissions (api_key_id, permission_id)
        select k.id, p.id from api_keys k cross join permissions p where p.name in ('users:read', 'roles:read');
        insert into sessions (id, user_id, method, created_at, last_used_at, expires_at)
        select gen_random_uuid(), u.id, 'corp', now() - interval '90 days', now(), now() + interval '1 day' * (i - 50)
        from users u cross join generate_series(1, 100) i where u.email < 'user11@example.com' or i = 100;
        insert into refresh_tokens (token_hash, session_id, created_at, expires_at)
        select sha256((s.id::text || i)::bytea), s.id, s.created_at, s.expires_at
        from sessions s cross join generate_series(1, 3) i;
        analyze;
        update pg_class set reltuples = 1000 * reltuples
        where relname ~ '^(users|user_roles|user_search_terms|api_key|sessions|refresh_tokens|oauth_accounts)'
        """

    /// What `explain` says of `statement` with the parameters that the query `values` writes as SQL.
    private func plan(of statement: Statement, values: String, in pool: DatabasePool) async throws -> String {
        try await pool.transaction { transaction in
            let row = try #require(await transaction.execute(.read(values)).first)
            let run = "explain (analyze, buffers) execute hot (\(try row.decode(0, as: String.self)))"
            _ = try await transaction.execute(.write("set local plan_cache_mode = force_generic_plan"))
            _ = try await transaction.execute(.write("prepare hot as \(statement.sql)"))
            // The first run reads the catalogue, too.
            _ = try await transaction.execute(.write(run))
            let lines = try await transaction.execute(.write(run)).rows
                .map { row in try row.decode(0, as: String.self) }
            _ = try await transaction.execute(.write("deallocate hot"))
            return lines.joined(separator: "\n")
        }
    }

    /// Buffers that the whole of `plan` read.
    private func buffers(_ plan: String) -> Int? {
        plan.split(separator: "\n").first { $0.contains("Buffers:") }?
            .split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }.reduce(0, +)
    }

    /// The tables that grow with the number of users.
    private static let growing = [
        "users", "user_roles", "user_search_terms", "api_keys", "api_key_roles", "api_key_permissions",
        "sessions", "refresh_tokens", "oauth_accounts",
    ]

    private func withLoad(_ body: (DatabasePool) async throws -> Void) async throws {
        try await TestDatabase.withMigrated { pool in
            // Not by the pool: its deadlines are for requests.
            let row = try await pool.execute(.read("select current_database()")).first
            let name = try #require(try row?.decode(0, as: String.self))
            let connection = Redacted(try DatabaseFixture.connectionString("dbname", name))
            try await aside {
                try BlockingConnection(connectionString: connection, connectTimeout: .seconds(5))
                    .execute(script: Self.load)
            }
            try await body(pool)
        }
    }

    @Test func theHotStatements_readFewBuffers_andNoWholeTableThatGrows() async throws {
        try await withLoad { pool in
            let statements = [
                (
                    PostgresUserRepository.profile,
                    "select quote_literal(id) from users where email = 'user77@example.com'", 20
                ),
                (PostgresAPIKeyRepository.check, "select quote_literal(sha256('user77@example.com1'))", 40),
                (PostgresIdentityRepository.list, "select 'null, 11, ' || (\(Self.someUser))", 10),
                (
                    PostgresSessionRepository.sessionAndUserOfToken,
                    "select quote_literal(token_hash) from refresh_tokens order by token_hash offset 1000 limit 1", 30
                ),
            ]
            for (statement, values, limit) in statements {
                let plan = try await plan(of: statement, values: values, in: pool)
                for table in Self.growing { #expect(!plan.contains("Seq Scan on \(table) "), "\(plan)") }
                #expect(try #require(buffers(plan)) <= limit, "\(plan)")
            }
        }
    }

    private static let someUser = "select quote_literal(id) from users order by id desc offset 1000 limit 1"
    private static let someKey = "select quote_literal(id) from api_keys order by id desc offset 2000 limit 1"
    private static let someTerm = """
        select format('%L, %L', term, user_id) from user_search_terms
        where term like 'user%' order by term, user_id offset 1000 limit 1
        """
    private static let someRole = "select quote_literal(id) from roles where name = 'user'"

    /// Statements with the index that each page comes from, and parameters: of the first page and of one in the middle.
    private static let lists: [(Statement, index: String, values: [String])] = [
        (PostgresUserRepository.listAll, "users_pkey", ["select 'null, 11'", "select (\(someUser)) || ', 11'"]),
        (
            PostgresUserRepository.listByActivity, "users_is_active_id_idx",
            [
                "select 'null, 11, true'", "select 'null, 11, false'", "select (\(someUser)) || ', 11, true'",
            ]
        ),
        (
            PostgresUserRepository.listByRole, "user_roles_role_id_user_id_idx",
            [
                "select 'null, 11, ' || (\(someRole))", "select (\(someUser)) || ', 11, ' || (\(someRole))",
                "select 'null, 11, ' || quote_literal(id) from roles where name = 'admin'",
            ]
        ),
        (
            PostgresUserRepository.search, "user_search_terms_is_active_term_user_id_idx",
            [
                "select '''user'', null, null, 11'", "select '''@EX'', null, null, 11'",
                "select '''user'', ' || (\(someTerm)) || ', 11'",
            ]
        ),
        (
            PostgresUserRepository.searchByActivity, "user_search_terms_is_active_term_user_id_idx",
            ["select '''user'', null, null, 11, true'", "select '''user'', ' || (\(someTerm)) || ', 11, true'"]
        ),
        (
            PostgresAPIKeyRepository.listAll, "api_keys_id_live_idx",
            ["select 'null, 11'", "select (\(someKey)) || ', 11'"]
        ),
        (
            PostgresAPIKeyRepository.listByOwner, "api_keys_owner_id_id_live_idx",
            ["select 'null, 11, ' || (\(someUser))"]
        ),
        (PostgresRoleRepository.listByUser, "user_roles_pkey", ["select 'null, 11, ' || (\(someUser))"]),
        (
            PostgresSessionRepository.list, "sessions_user_id_id_idx",
            [
                "select format('null, 11, %L, now()', id) from users where email = 'user1@example.com'",
                "select format('null, 11, %L, now()', id) from users where email = 'user77@example.com'",
            ]
        ),
    ]

    /// All two thousand users pass each filter, and a page has eleven of them.
    @Test func lists_readOnePageFromTheirIndex_whereverItLies() async throws {
        try await withLoad { pool in
            for (statement, index, values) in Self.lists {
                for values in values {
                    let plan = try await plan(of: statement, values: values, in: pool)
                    for table in Self.growing { #expect(!plan.contains("Seq Scan on \(table) "), "\(plan)") }
                    #expect(plan.contains(" using \(index) "), "\(plan)")
                    #expect(try #require(buffers(plan)) <= 100, "\(plan)")
                }
            }
        }
    }

    /// Each run removes a thousand rows, by the indexes alone.
    @Test func removal_readsWhatItRemoves_andNoWholeTable() async throws {
        try await withLoad { pool in
            let instant = "select quote_literal(now() - interval '1 day')"
            for (statement, index) in [
                (PostgresSessionRepository.removeRefreshTokens, "refresh_tokens_expires_at_idx"),
                (PostgresSessionRepository.removeSessions, "sessions_over_idx"),
            ] {
                let plan = try await plan(of: statement, values: instant, in: pool)
                for table in ["sessions", "refresh_tokens"] {
                    #expect(!plan.contains("Seq Scan on \(table) "), "\(plan)")
                }
                #expect(plan.contains(" using \(index) "), "\(plan)")
            }
        }
    }
}
