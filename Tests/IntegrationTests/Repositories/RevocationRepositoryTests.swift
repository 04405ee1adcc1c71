// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

import struct FoundationEssentials.UUID

@Suite struct RevocationRepositoryTests {
    /// Somebody with a session, who holds a role of a permission; and what that wrote is not there any more.
    private struct Place {
        let pool: DatabasePool
        let revocations: PostgresRevocationRepository
        let ada: User
        let session: Session
        let role: UUID

        func all() async throws -> [Revocation] {
            try await revocations.page(from: 0, after: nil).revocations
        }

        /// What `sql` notes; in it $1 is Ada's id.
        func noted(by sql: String) async throws -> Set<String> {
            _ = try await pool.execute(.write("delete from revocations"))
            _ = try await pool.execute(.write(sql), sql.contains("$1") ? [.uuid(ada.id.uuid)] : [])
            let names = [ada.id.uuid: "ada", session.id.uuid: "her session", role: "the role"]
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
            let role = Sample.role("ops", permissions: ["users:read"])
            try await PostgresRoleRepository(database: pool).create(role)
            let revocations = PostgresRevocationRepository(database: pool)
            let place = Place(pool: pool, revocations: revocations, ada: ada, session: session, role: role.id.uuid)
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
                try await place.noted(by: "delete from users where id = $1") == ["user: ada", "session: her session"]
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
