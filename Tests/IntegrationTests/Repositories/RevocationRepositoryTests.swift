// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

import struct FoundationEssentials.UUID

@Suite struct RevocationRepositoryTests {
    /// Somebody with a session and an API key, and a role of a permission; and what that wrote is not there any more.
    private struct Place {
        let pool: DatabasePool
        let revocations: PostgresRevocationRepository
        let ada: User
        let session: Session
        let key: APIKey
        let role: UUID

        func all() async throws -> [Revocation] {
            try await revocations.page(from: 0, after: nil).revocations
        }

        /// What `sql` notes; in it $1 is Ada's id.
        func noted(by sql: String) async throws -> Set<String> {
            _ = try await pool.execute(.write("delete from revocations"))
            _ = try await pool.execute(.write(sql), sql.contains("$1") ? [.uuid(ada.id.uuid)] : [])
            let names = [ada.id.uuid: "ada", session.id.uuid: "her session", key.id.uuid: "her key", role: "the role"]
            return Set(try await all().map { "\($0.kind): \(names[$0.subject] ?? "something else")" })
        }
    }

    private func withPlace(_ body: (Place) async throws -> Void) async throws {
        try await TestDatabase.withMigrated(connections: 3) { pool in
            let ada = try Sample.user()
            try await PostgresUserRepository(database: pool).create(ada, roles: [BuiltIn.Role.user], linkedTo: nil)
            let session = Sample.session(of: ada)
            _ = try await PostgresSessionRepository(database: pool).open(
                session,
                refreshTokenHash: Sample.hash(1),
                refreshTokenExpiresAt: session.expiresAt
            )
            let key = Sample.key(owner: ada, roles: ["user"], permissions: ["users:read"])
            try await PostgresAPIKeyRepository(database: pool).create(key, secretHash: Sample.hash(1))
            let role = Sample.role("ops", permissions: ["users:read"])
            try await PostgresRoleRepository(database: pool).create(role)
            let revocations = PostgresRevocationRepository(database: pool)
            let place = Place(
                pool: pool,
                revocations: revocations,
                ada: ada,
                session: session,
                key: key,
                role: role.id.uuid
            )
            try await body(place)
        }
    }

    @Test func whatIsNew_notesNothing() async throws {
        try await withPlace { place async throws in
            #expect(try await place.all().isEmpty)
        }
    }

    @Test func endingASession_isNoted_onceAndByWhateverStatement() async throws {
        try await withPlace { place async throws in
            let end = "update sessions set ended_at = now()"
            #expect(try await place.noted(by: end) == ["session: her session"])
            #expect(try await place.noted(by: end).isEmpty, "it had ended already")
            #expect(try await place.noted(by: "update sessions set last_used_at = now()").isEmpty)
            #expect(try await place.noted(by: "delete from sessions").isEmpty)
        }
    }

    @Test func deletingASession_isNoted_unlessItWasOverLongAgo() async throws {
        try await withPlace { place async throws in
            #expect(try await place.noted(by: "delete from sessions") == ["session: her session"])
            _ = try await PostgresSessionRepository(database: place.pool).open(
                place.session,
                refreshTokenHash: Sample.hash(2),
                refreshTokenExpiresAt: place.session.expiresAt
            )
            _ = try await place.pool.execute(
                .write(
                    "update sessions set created_at = now() - interval '9 days', expires_at = now() - interval '26 hours'"
                )
            )
            #expect(try await place.noted(by: "delete from sessions").isEmpty)
        }
    }

    @Test func changesOfAUser_areNoted_whenTheyMatterToTokens() async throws {
        try await withPlace { place async throws in
            #expect(try await place.noted(by: "update users set is_active = false where id = $1") == ["user: ada"])
            #expect(try await place.noted(by: "update users set is_active = false where id = $1").isEmpty)
            #expect(try await place.noted(by: "update users set is_active = true where id = $1") == ["user: ada"])
            #expect(try await place.noted(by: "update users set display_name = 'A' where id = $1").isEmpty)
            #expect(
                try await place.noted(by: "delete from users where id = $1")
                    == ["user: ada", "session: her session", "api_key: her key"]
            )
        }
    }

    @Test func givingAndTakingRoles_isNoted() async throws {
        try await withPlace { place async throws in
            let give = "insert into user_roles select $1, id, now() from roles where name = 'ops'"
            #expect(try await place.noted(by: give) == ["user: ada"])
            #expect(try await place.noted(by: "delete from user_roles where user_id = $1") == ["user: ada"])
        }
    }

    @Test func changesOfARole_areNoted_whenTheyMatterToTokens() async throws {
        try await withPlace { place async throws in
            let ops = "(select id from roles where name = 'ops')"
            #expect(
                try await place.noted(by: "delete from role_permissions where role_id = \(ops)") == ["roles: the role"]
            )
            let attach = "insert into role_permissions select \(ops), id, now() from permissions limit 1"
            #expect(try await place.noted(by: attach) == ["roles: the role"])
            #expect(try await place.noted(by: "update roles set description = 'x' where name = 'ops'").isEmpty)
            #expect(
                try await place.noted(by: "update roles set grants_all_permissions = true where name = 'ops'")
                    == ["roles: the role"]
            )
            #expect(
                try await place.noted(by: "update roles set name = 'dev' where name = 'ops'") == ["roles: the role"]
            )
            #expect(
                try await place.noted(by: "update permissions set action = 'see' where name = 'users:read'")
                    == ["roles: something else"]
            )
        }
    }

    @Test(arguments: [
        "update api_keys set revoked_at = now()",
        "update api_keys set expires_at = created_at + interval '1 day'",
        "update api_keys set owner_id = owner_id",
        "update api_keys set secret_hash = sha256('x')",
        "delete from api_keys",
        "delete from api_key_roles",
        "delete from api_key_permissions",
        "insert into api_key_roles select k.id, r.id from api_keys k, roles r where r.name = 'ops'",
        "insert into api_key_permissions select k.id, p.id from api_keys k, permissions p where p.name = 'users:write'",
        "update api_key_roles set role_id = (select id from roles where name = 'ops')",
        "update api_key_permissions set permission_id = (select id from permissions where name = 'users:write')",
        "delete from roles where name = 'user'",
    ])
    func changesOfAKey_areNoted_byWhateverStatement(change: String) async throws {
        try await withPlace { place async throws in
            // Nobody could delete a role that somebody holds.
            _ = try await place.pool.execute(.write("delete from user_roles"))
            #expect(try await place.noted(by: change) == ["api_key: her key"])
        }
    }

    @Test func changesOfAKey_byTheRepository_areNoted() async throws {
        try await withPlace { place async throws in
            let keys = PostgresAPIKeyRepository(database: place.pool)
            func noted(_ body: () async throws -> Void) async throws -> Int {
                _ = try await place.pool.execute(.write("delete from revocations"))
                try await body()
                return try await place.all().count { $0.kind == "api_key" && $0.subject == place.key.id.uuid }
            }
            for grants in [
                Grants(roles: ["user", "ops"]), Grants(roles: ["user"]),
                Grants(permissions: ["users:read", "users:write"]),
                Grants(permissions: ["users:read"]),
            ] {
                let changed = APIKey(
                    id: place.key.id,
                    ownerID: place.ada.id,
                    name: place.key.name,
                    prefix: place.key.prefix,
                    lastFour: place.key.lastFour,
                    grants: grants,
                    createdAt: place.key.createdAt,
                    expiresAt: nil,
                    lastUsedAt: nil,
                    useCount: 0
                )
                #expect(try await noted { _ = try await keys.change(changed) } == 1, "\(grants)")
            }
            #expect(
                try await noted {
                    try await keys.record([APIKeyUse(id: place.key.id, count: 1, usedAt: Sample.now)])
                } == 0
            )
            #expect(try await noted { try await keys.rehash(from: Sample.hash(1), to: Sample.hash(2)) } == 1)
            #expect(try await noted { _ = try await keys.revoke(place.key.id, owner: nil, at: Sample.now) } == 1)
        }
    }

    @Test func deletingAPermission_isNoted_whenNoRoleHasItByName() async throws {
        try await withPlace { place async throws in
            #expect(
                try await place.noted(by: "delete from permissions where name = 'users:delete'").contains {
                    $0.hasPrefix("roles: ")
                }
            )
        }
    }

    @Test func aTransactionThatIsRolledBack_notesNothing() async throws {
        try await withPlace { place async throws in
            struct Undo: Error {}
            await #expect(throws: Undo.self) {
                try await place.pool.transaction { transaction in
                    try await transaction.deactivate(place.ada)
                    throw Undo()
                }
            }
            #expect(try await place.all().isEmpty)
        }
    }

    /// The reason for horizons: by transaction number alone, the late one would lie behind what was read.
    @Test func page_ofATransactionThatCommitsLate_isNotMissed() async throws {
        try await withPlace { place async throws in
            let horizon: Int64 = try await place.pool.transaction { transaction in
                try await transaction.deactivate(place.ada)
                _ = try await place.pool.execute(.write("update sessions set ended_at = now()"))
                let page = try await place.revocations.page(from: 0, after: nil)
                #expect(page.revocations.map(\.kind) == ["session"])
                return page.horizon
            }
            let next = try await place.revocations.page(from: horizon, after: nil)
            #expect(next.revocations.map(\.kind) == ["user", "session"])
            // Transactions of the server's other databases count as well, and may hold the horizon back.
            try await DatabaseFixture.eventually {
                let page = try await place.revocations.page(from: 0, after: nil)
                guard page.horizon > horizon else { return false }
                return try await place.revocations.page(from: page.horizon, after: nil).revocations.isEmpty
            }
        }
    }

    @Test func pages_ofManyRevocations_giveEachOnce_evenOfOneTransaction() async throws {
        try await withPlace { place async throws in
            let count = PostgresRevocationRepository.pageSize * 2 + 10
            let many =
                "insert into revocations (kind, subject) select 'user', gen_random_uuid() from generate_series(1, \(count))"
            _ = try await place.pool.execute(.write(many))
            var found: [Revocation] = []
            while true {
                let page = try await place.revocations.page(from: 0, after: found.last)
                found += page.revocations
                guard page.isFull else { break }
            }
            #expect(found.count == count)
            #expect(Set(found).count == count)
        }
    }

    @Test func remove_keepsWhatIsYounger() async throws {
        try await withPlace { place async throws in
            _ = try await place.pool.execute(
                .write(
                    """
                    insert into revocations (kind, subject, created_at)
                    values ('user', gen_random_uuid(), $1), ('user', gen_random_uuid(), $2)
                    """
                ),
                [.timestamp(Sample.now - .seconds(1)), .timestamp(Sample.now)]
            )
            try await place.revocations.remove(before: Sample.now)
            #expect(try await place.all().count == 1)
        }
    }
}
