// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct PermissionRepositoryTests {
    private func withPermissions(
        _ names: String...,
        body: (DatabasePool, PostgresPermissionRepository, [Permission]) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated { pool in
            let permissions = PostgresPermissionRepository(database: pool)
            var made: [Permission] = []
            for (index, name) in names.enumerated() {
                let permission = try Sample.permission(name, createdAt: Sample.now + .seconds(index))
                try await permissions.create(permission)
                made.append(permission)
            }
            try await body(pool, permissions, made)
        }
    }

    @Test func create_thenFind_givesTheSamePermission() async throws {
        try await withPermissions("reports:export") { _, permissions, made async throws in
            #expect(try await permissions.find(made[0].id) == made[0])
            #expect(try await permissions.find(.make(at: Sample.now)) == nil)
        }
    }

    @Test func create_whenTheNameIsTaken_isAConflict() async throws {
        try await withPermissions("reports:export") { _, permissions, _ async throws in
            let error = await domainError { try await permissions.create(try Sample.permission("reports:export")) }
            #expect(error?.code == .conflict)
            #expect(error?.fields.map(\.name) == ["action"])
        }
    }

    @Test func list_pagesNewestFirst() async throws {
        try await withPermissions("a:a", "b:b", "c:c") { _, permissions, made async throws in
            let first = try await permissions.list(of: nil, after: nil, limit: 2)
            let second = try await permissions.list(of: nil, after: first.last?.id, limit: 2)
            let rest = try await permissions.list(of: nil, after: second.last?.id, limit: 100)
            #expect(first == [made[2], made[1]])
            #expect(second.first == made[0])
            #expect(second.last?.isBuiltIn == true)
            #expect(rest.count == 11)
        }
    }

    @Test func list_ofARole_isWhatItGives() async throws {
        try await withPermissions("a:a", "b:b", "c:c", "d:d") { pool, permissions, made async throws in
            let roles = PostgresRoleRepository(database: pool)
            let role = Sample.role("editor", permissions: ["a:a", "b:b", "d:d"])
            try await roles.create(role)
            let first = try await permissions.list(of: role.id, after: nil, limit: 2)
            let second = try await permissions.list(of: role.id, after: first.last?.id, limit: 2)
            #expect(first == [made[3], made[1]])
            #expect(second == [made[0]])
            #expect(try await permissions.list(of: .make(at: Sample.now), after: nil, limit: 2).isEmpty)
        }
    }

    @Test func list_ofARoleThatGrantsAll_isEveryPermission() async throws {
        try await withPermissions("a:a", "b:b") { pool, permissions, made async throws in
            let admin = try #require(
                await PostgresRoleRepository(database: pool).find(names: [BuiltIn.Role.admin]).first
            )
            let first = try await permissions.list(of: admin.id, after: nil, limit: 1)
            let rest = try await permissions.list(of: admin.id, after: first.last?.id, limit: 100)
            #expect(first == [made[1]])
            #expect(rest.first == made[0])
            #expect(rest.count == 13)
        }
    }

    @Test func delete_whenARoleGivesIt_isAConflict_andElseRemovesIt() async throws {
        try await withPermissions("a:a") { pool, permissions, made async throws in
            let roles = PostgresRoleRepository(database: pool)
            let role = Sample.role("editor", permissions: ["a:a"])
            try await roles.create(role)
            let error = await domainError { _ = try await permissions.delete(made[0].id) }
            #expect(error?.code == .conflict)
            #expect(try await permissions.find(made[0].id) == made[0])

            try await roles.detach(made[0].id, from: role.id, at: Sample.now)
            #expect(try await permissions.delete(made[0].id))
            #expect(try await !permissions.delete(made[0].id))
        }
    }

    @Test func use_countsRolesAndLiveKeys() async throws {
        try await withPermissions("a:a") { pool, permissions, made async throws in
            #expect(try await permissions.use(of: made[0].id, at: Sample.now) == AccessUse())
            for name in ["one", "two"] {
                try await PostgresRoleRepository(database: pool).create(Sample.role(name, permissions: ["a:a"]))
            }
            let ada = try Sample.user()
            try await PostgresUserRepository(database: pool).create(ada, roles: ["user"], linkedTo: nil)
            let keys = PostgresAPIKeyRepository(database: pool)
            let expiries = [nil, Sample.now + .seconds(60), nil]
            let given = expiries.map { Sample.key(owner: ada, permissions: ["a:a"], expiresAt: $0) }
            for (index, key) in given.enumerated() {
                try await keys.create(key, secretHash: Sample.hash(UInt8(index)))
            }
            #expect(try await keys.revoke(given[2].id, owner: nil, at: Sample.now))
            #expect(try await permissions.use(of: made[0].id, at: Sample.now) == AccessUse(roles: 2, apiKeys: 2))
            #expect(
                try await permissions.use(of: made[0].id, at: Sample.now + .seconds(60))
                    == AccessUse(roles: 2, apiKeys: 1)
            )
        }
    }
}
