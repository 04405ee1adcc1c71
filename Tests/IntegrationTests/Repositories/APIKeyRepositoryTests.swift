// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct APIKeyRepositoryTests {
    /// A migrated database with Ada, an administrator, and Bob, who is nothing special.
    private func withUsers(
        _ body: (DatabasePool, PostgresAPIKeyRepository, _ ada: User, _ bob: User) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated(connections: 4) { pool in
            let users = PostgresUserRepository(database: pool)
            let (ada, bob) = (try Sample.user(), try Sample.user("bob@example.com"))
            try await users.create(ada, roles: [BuiltIn.Role.admin], linkedTo: nil)
            try await users.create(bob, roles: [BuiltIn.Role.user], linkedTo: nil)
            try await body(pool, PostgresAPIKeyRepository(database: pool), ada, bob)
        }
    }

    @Test func create_thenFind_givesTheSameKey() async throws {
        try await withUsers { _, keys, ada, _ in
            let key = Sample.key(
                owner: ada,
                roles: ["user", "admin"],
                permissions: ["users:read", "roles:assign"],
                expiresAt: Sample.now + .seconds(60)
            )
            try await keys.create(key, secretHash: Sample.hash(1))
            #expect(try await keys.find(key.id, owner: nil) == key)
            #expect(try await keys.find(key.id, owner: ada.id) == key)
        }
    }

    @Test func find_ofAnotherOwner_isNil() async throws {
        try await withUsers { _, keys, ada, bob in
            let key = Sample.key(owner: ada)
            try await keys.create(key, secretHash: Sample.hash(1))
            #expect(try await keys.find(key.id, owner: bob.id) == nil)
            #expect(try await keys.find(.make(at: Sample.now), owner: nil) == nil)
        }
    }

    @Test(arguments: [
        (["user", "ghost"], ["users:read"], ["roles"]),
        (["user"], ["users:read", "users:fly"], ["permissions"]),
        (["ghost"], ["users:fly"], ["roles", "permissions"]),
    ])
    func create_withAnUnknownName_namesTheFieldAndStoresNothing(
        roles: [String],
        permissions: [String],
        fields: [String]
    ) async throws {
        try await withUsers { pool, keys, ada, _ async throws in
            let key = Sample.key(owner: ada, roles: Set(roles), permissions: Set(permissions))
            let error = await domainError { try await keys.create(key, secretHash: Sample.hash(1)) }
            #expect(error?.code == .validationFailed)
            #expect(error?.fields.map(\.name) == fields)
            for table in ["api_keys", "api_key_roles", "api_key_permissions"] {
                #expect(try await pool.count(table) == 0)
            }
        }
    }

    @Test func create_whileTheRoleIsBeingDeleted_namesTheFieldAndStoresNothing() async throws {
        try await withUsers { pool, keys, ada, _ in
            try await pool.addRole("doomed", permissions: [])
            let creating: Task<DomainError?, Never> = try await pool.transaction { transaction in
                _ = try await transaction.execute(.write("delete from roles where name = 'doomed'"))
                let creating = Task {
                    await domainError {
                        try await keys.create(Sample.key(owner: ada, roles: ["doomed"]), secretHash: Sample.hash(1))
                    }
                }
                try await DatabaseFixture.eventually { try await transaction.isWaitedFor() }
                return creating
            }
            let error = await creating.value
            #expect(error?.code == .validationFailed)
            #expect(error?.fields.map(\.name) == ["roles"])
            #expect(try await pool.count("api_keys") == 0)
        }
    }

    @Test func create_forAnUnknownOwner_isNotFound() async throws {
        try await withUsers { _, keys, _, _ in
            let stranger = try Sample.user("nobody@example.com")
            let error = await domainError {
                try await keys.create(Sample.key(owner: stranger), secretHash: Sample.hash(1))
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test func list_pagesNewestFirst_withoutOthersAndRevokedOnes() async throws {
        try await withUsers { _, keys, ada, bob in
            var mine: [APIKey] = []
            for index in 0..<5 {
                let key = Sample.key(owner: ada, createdAt: Sample.now + .seconds(index))
                try await keys.create(key, secretHash: Sample.hash(UInt8(index)))
                mine.insert(key, at: 0)
            }
            try await keys.create(Sample.key(owner: bob), secretHash: Sample.hash(99))
            #expect(try await keys.revoke(mine[1].id, owner: nil, at: Sample.now + .seconds(9)))
            mine.remove(at: 1)

            let first = try await keys.list(owner: ada.id, after: nil, limit: 2)
            let second = try await keys.list(owner: ada.id, after: first.last?.id, limit: 2)
            let third = try await keys.list(owner: ada.id, after: second.last?.id, limit: 2)
            #expect(first == Array(mine[0..<2]))
            #expect(second == Array(mine[2..<4]))
            #expect(third.isEmpty)
        }
    }

    @Test func revoke_worksOnce_andOnlyForTheOwner() async throws {
        try await withUsers { _, keys, ada, bob in
            let key = Sample.key(owner: ada)
            try await keys.create(key, secretHash: Sample.hash(1))
            #expect(try await !keys.revoke(key.id, owner: bob.id, at: Sample.now))
            #expect(try await keys.check(secretHash: Sample.hash(1)) != nil)
            #expect(try await keys.revoke(key.id, owner: ada.id, at: Sample.now))
            #expect(try await !keys.revoke(key.id, owner: nil, at: Sample.now))
            #expect(try await keys.check(secretHash: Sample.hash(1)) == nil)
            #expect(try await keys.find(key.id, owner: nil) == nil)
        }
    }

    @Test func check_givesWhatWasGivenToTheKeyAndWhatTheOwnerHolds() async throws {
        try await withUsers { pool, keys, _, bob in
            try await pool.addRole("editor", permissions: ["users:write", "users:read"])
            try await pool.addRole("auditor", permissions: ["roles:read"])
            try await pool.assign("editor", to: bob)
            let key = Sample.key(
                owner: bob,
                roles: ["editor", "auditor"],
                permissions: ["permissions:read"],
                expiresAt: Sample.now + .seconds(60)
            )
            try await keys.create(key, secretHash: Sample.hash(1))

            let check = try #require(await keys.check(secretHash: Sample.hash(1)))
            #expect(check.id == key.id)
            #expect(check.ownerID == bob.id)
            #expect(check.isOwnerActive)
            #expect(check.expiresAt == key.expiresAt)
            #expect(
                check.keyGrants
                    == Grants(
                        roles: ["editor", "auditor"],
                        permissions: ["permissions:read", "users:write", "users:read", "roles:read"]
                    )
            )
            #expect(
                check.ownerGrants
                    == Grants(roles: ["user", "editor"], permissions: ["users:write", "users:read"])
            )
            #expect(
                check.effectiveGrants == Grants(roles: ["editor"], permissions: ["users:write", "users:read"])
            )
        }
    }

    @Test func check_countsARoleThatGrantsAll_onBothSides() async throws {
        try await withUsers { _, keys, ada, _ in
            try await keys.create(Sample.key(owner: ada, roles: ["admin"]), secretHash: Sample.hash(1))
            try await keys.create(Sample.key(owner: ada, permissions: ["users:read"]), secretHash: Sample.hash(2))
            #expect(try await keys.check(secretHash: Sample.hash(1))?.effectiveGrants.permissions.count == 12)
            #expect(try await keys.check(secretHash: Sample.hash(2))?.effectiveGrants.permissions == ["users:read"])
        }
    }

    @Test func check_ofAKeyWithoutGrants_isEmpty() async throws {
        try await withUsers { _, keys, _, bob in
            try await keys.create(Sample.key(owner: bob), secretHash: Sample.hash(1))
            let check = try #require(await keys.check(secretHash: Sample.hash(1)))
            #expect(check.keyGrants == Grants())
            #expect(check.ownerGrants == Grants(roles: ["user"]))
            #expect(try await keys.check(secretHash: Sample.hash(2)) == nil)
        }
    }

    @Test func rehash_storesTheKeyUnderTheOtherHash_andNothingElse() async throws {
        try await withUsers { _, keys, _, bob in
            let (key, other) = (Sample.key(owner: bob), Sample.key(owner: bob))
            try await keys.create(key, secretHash: Sample.hash(1))
            try await keys.create(other, secretHash: Sample.hash(2))
            try await keys.rehash(from: Sample.hash(1), to: Sample.hash(3))
            // Another worker does the same, a moment later.
            try await keys.rehash(from: Sample.hash(1), to: Sample.hash(3))
            #expect(try await keys.check(secretHash: Sample.hash(1)) == nil)
            #expect(try await keys.check(secretHash: Sample.hash(2))?.id == other.id)
            #expect(try await keys.check(secretHash: Sample.hash(3))?.id == key.id)
        }
    }

    @Test func check_seesThatTheOwnerIsNoLongerActive() async throws {
        try await withUsers { pool, keys, _, bob in
            try await keys.create(Sample.key(owner: bob), secretHash: Sample.hash(1))
            try await pool.deactivate(bob)
            #expect(try await keys.check(secretHash: Sample.hash(1))?.isOwnerActive == false)
        }
    }

    @Test func record_addsUses_andNeverGoesBack() async throws {
        try await withUsers { _, keys, ada, _ in
            let (key, other) = (Sample.key(owner: ada), Sample.key(owner: ada))
            try await keys.create(key, secretHash: Sample.hash(1))
            try await keys.create(other, secretHash: Sample.hash(2))
            func record(_ count: Int64, after seconds: Int) async throws {
                try await keys.record([APIKeyUse(id: key.id, count: count, usedAt: Sample.now + .seconds(seconds))])
            }
            try await keys.record([])
            #expect(try await keys.find(key.id, owner: nil)?.lastUsedAt == nil)
            try await record(2, after: 100)
            try await record(5_000_000_000, after: 50)
            let used = try #require(try await keys.find(key.id, owner: nil))
            #expect(used.lastUsedAt == Sample.now + .seconds(100))
            #expect(used.useCount == 5_000_000_002)
            #expect(try await keys.find(other.id, owner: nil) == other)
        }
    }

    @Test func record_ofTheSameKeysInEveryOrder_atOnce_countsAll_andEndsInTheNewest() async throws {
        try await withUsers { pool, keys, ada, _ in
            var made: [APIKey] = []
            for index in 0..<20 {
                let key = Sample.key(owner: ada, createdAt: Sample.now + .seconds(index))
                try await keys.create(key, secretHash: Sample.hash(UInt8(index)))
                made.append(key)
            }
            let all = made
            let recorded = try await successes(of: 30) { index in
                try await keys.record(
                    all.shuffled().map {
                        APIKeyUse(id: $0.id, count: 2, usedAt: Sample.now + .seconds(1000 + index * 100))
                    }
                )
                return true
            }
            #expect(recorded == 30)
            let newest = Sample.now + .seconds(3900)
            let listed = try await keys.list(owner: ada.id, after: nil, limit: 50)
            #expect(listed.count == 20)
            #expect(listed.allSatisfy { $0.lastUsedAt == newest && $0.useCount == 60 })
        }
    }

    @Test func record_touchesNoIndex() async throws {
        try await withUsers { pool, keys, ada, _ in
            let key = Sample.key(owner: ada)
            try await keys.create(key, secretHash: Sample.hash(1))
            let hot: Int? = try await pool.transaction { transaction in
                try await PostgresAPIKeyRepository(database: transaction)
                    .record([APIKeyUse(id: key.id, count: 1, usedAt: Sample.now)])
                return try await transaction.execute(
                    .read("select pg_stat_get_xact_tuples_hot_updated('api_keys'::regclass)")
                ).first?.decode(0)
            }
            #expect(hot == 1)
        }
    }
}
