// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Repositories
import Testing

/// What the two statements behind nearly every request read, on a database of some size.
@Suite struct QueryPlanTests {
    private static let users = 2000

    /// Users with two roles of twenty-two, and two keys each with these and two permissions.
    private static let load = """
        insert into roles (id, name, created_at, updated_at)
        select gen_random_uuid(), 'role_' || i, now(), now() from generate_series(1, 20) i;
        insert into role_permissions (role_id, permission_id, created_at)
        select r.id, p.id, now() from roles r cross join permissions p where not r.is_built_in;
        insert into users (id, email, created_at, updated_at)
        select gen_random_uuid(), 'user' || i || '@example.com', now(), now() from generate_series(1, \(users)) i;
        insert into user_roles (user_id, role_id, created_at)
        select u.id, r.id, now() from users u join roles r on r.name in ('user', 'role_' || (1 + hashtext(u.email) & 15));
        insert into api_keys (id, owner_id, name, prefix, last_four, secret_hash, created_at)
        select gen_random_uuid(), u.id, 'key', 'pst', 'abcd', sha256((u.email || i)::bytea), now()
        from users u cross join generate_series(1, 2) i;
        insert into api_key_roles (api_key_id, role_id)
        select k.id, ur.role_id from api_keys k join user_roles ur on ur.user_id = k.owner_id;
        insert into api_key_permissions (api_key_id, permission_id)
        select k.id, p.id from api_keys k cross join permissions p where p.name in ('users:read', 'roles:read');
        analyze
        """

    /// What `explain` says of `statement` with the one parameter that `value` selects.
    private func plan(of statement: Statement, value: String, in pool: DatabasePool) async throws -> String {
        try await pool.transaction { transaction in
            let row = try #require(await transaction.execute(.read(value)).first)
            let run = "explain (analyze, buffers) execute hot ('\(try row.decode(0, as: String.self))')"
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

    @Test func theHotStatements_readFewBuffers_andNoWholeTableThatGrows() async throws {
        try await TestDatabase.withMigrated { pool in
            for statement in Self.load.split(separator: ";") { _ = try await pool.execute(.write(String(statement))) }
            let statements = [
                (PostgresUserRepository.profile, "select id from users where email = 'user77@example.com'", 20),
                (PostgresAPIKeyRepository.check, "select sha256('user77@example.com1')", 40),
            ]
            for (statement, value, limit) in statements {
                let plan = try await plan(of: statement, value: value, in: pool)
                for table in ["users", "user_roles", "api_keys", "api_key_roles", "api_key_permissions"] {
                    #expect(!plan.contains("Seq Scan on \(table) "), "\(plan)")
                }
                #expect(try #require(buffers(plan)) <= limit, "\(plan)")
            }
        }
    }
}
