// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct RoleRepositoryTests {
    /// A migrated database with Bob, who holds the role `user`.
    private func withBob(
        _ body: (DatabasePool, PostgresRoleRepository, _ bob: User) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated(connections: 4) { pool in
            let bob = try Sample.user("bob@example.com")
            try await PostgresUserRepository(database: pool).create(bob, roles: [BuiltIn.Role.user], linkedTo: nil)
            try await body(pool, PostgresRoleRepository(database: pool), bob)
        }
    }

    @Test func create_thenFind_givesTheSameRole() async throws {
        try await withBob { _, roles, _ async throws in
            let editor = Sample.role("editor", permissions: ["users:read", "users:write"])
            try await roles.create(editor)
            #expect(try await roles.find(editor.id) == editor)
            #expect(try await roles.find(names: ["editor", "ghost"]) == [editor])
            #expect(try await roles.find(names: []).isEmpty)
            #expect(try await roles.find(.make(at: Sample.now)) == nil)
        }
    }

    @Test func find_ofTheAdministratorsRole_hasEveryPermission() async throws {
        try await withBob { pool, roles, _ async throws in
            try await pool.addPermissions(["reports:export"])
            let admin = try #require(await roles.find(names: [BuiltIn.Role.admin]).first)
            #expect(admin.isBuiltIn && admin.grantsAllPermissions)
            #expect(admin.permissions.contains("reports:export"))
            #expect(admin.permissions.count == 13)
            #expect(try await roles.find(admin.id) == admin)
        }
    }

    @Test func create_withAnUnknownPermission_namesTheFieldAndStoresNothing() async throws {
        try await withBob { _, roles, _ async throws in
            let role = Sample.role("editor", permissions: ["users:read", "users:fly"])
            let error = await domainError { try await roles.create(role) }
            #expect(error?.code == .validationFailed)
            #expect(error?.fields.map(\.name) == ["permissions"])
            #expect(try await roles.find(role.id) == nil)
        }
    }

    @Test func createAndChange_toANameThatIsTaken_areConflicts() async throws {
        try await withBob { _, roles, _ async throws in
            let editor = Sample.role("editor")
            try await roles.create(editor)
            let created = await domainError { try await roles.create(Sample.role("editor")) }
            let renamed = await domainError {
                _ = try await roles.change(self.changed(editor, name: BuiltIn.Role.user))
            }
            for error in [created, renamed] {
                #expect(error?.code == .conflict)
                #expect(error?.fields.map(\.name) == ["name"])
            }
            #expect(try await roles.find(editor.id) == editor)
        }
    }

    @Test func change_writesNameAndDescription_andKeepsThePermissions() async throws {
        try await withBob { _, roles, _ async throws in
            let editor = Sample.role("editor", permissions: ["users:read"])
            try await roles.create(editor)
            let new = changed(editor, name: "writer")
            #expect(try await roles.change(new))
            #expect(try await roles.find(editor.id) == new)
            #expect(try await !roles.change(Sample.role("ghost")))
        }
    }

    private func changed(_ role: Role, name: String) -> Role {
        Role(
            id: role.id,
            name: name,
            description: "Changed.",
            permissions: role.permissions,
            createdAt: role.createdAt,
            updatedAt: role.updatedAt + .seconds(60)
        )
    }

    @Test func list_pagesNewestFirst() async throws {
        try await withBob { _, roles, _ async throws in
            var made: [Role] = []
            for index in 0..<5 {
                let role = Sample.role(
                    "role-\(index)",
                    permissions: index == 2 ? ["users:read"] : [],
                    createdAt: Sample.now + .seconds(index)
                )
                try await roles.create(role)
                made.insert(role, at: 0)
            }
            let first = try await roles.list(heldBy: nil, after: nil, limit: 3)
            let second = try await roles.list(heldBy: nil, after: first.last?.id, limit: 3)
            let third = try await roles.list(heldBy: nil, after: second.last?.id, limit: 3)
            #expect(first + second.prefix(2) == made)
            #expect((second.suffix(1) + third).map(\.name) == [BuiltIn.Role.user, BuiltIn.Role.admin])
        }
    }

    @Test func list_ofAUser_pagesThroughWhatThatUserHolds() async throws {
        try await withBob { _, roles, bob async throws in
            let names = ["a", "b", "c", "d"]
            let made = names.enumerated().map { Sample.role($1, createdAt: Sample.now + .seconds($0)) }
            for role in made { try await roles.create(role) }
            for role in made.dropLast() { try await roles.assign(role.id, to: bob.id, at: Sample.now) }
            let first = try await roles.list(heldBy: bob.id, after: nil, limit: 2)
            let second = try await roles.list(heldBy: bob.id, after: first.last?.id, limit: 2)
            #expect((first + second).map(\.name) == ["c", "b", "a", BuiltIn.Role.user])
            #expect(try await roles.list(heldBy: bob.id, after: second.last?.id, limit: 2).isEmpty)
            #expect(try await roles.list(heldBy: .make(at: Sample.now), after: nil, limit: 2).isEmpty)
        }
    }

    @Test func delete_whenAUserHoldsIt_isAConflict_andElseRemovesIt() async throws {
        try await withBob { _, roles, bob async throws in
            let editor = Sample.role("editor", permissions: ["users:read"])
            try await roles.create(editor)
            try await roles.assign(editor.id, to: bob.id, at: Sample.now)
            let error = await domainError { _ = try await roles.delete(editor.id) }
            #expect(error?.code == .conflict)
            #expect(try await roles.find(editor.id) == editor)

            try await roles.unassign(editor.id, from: bob.id, at: Sample.now)
            #expect(try await roles.delete(editor.id))
            #expect(try await !roles.delete(editor.id))
            #expect(try await roles.find(editor.id) == nil)
        }
    }

    @Test func use_countsUsersAndLiveKeys() async throws {
        try await withBob { pool, roles, bob async throws in
            let editor = Sample.role("editor")
            try await roles.create(editor)
            #expect(try await roles.use(of: editor.id, at: Sample.now) == AccessUse())
            try await roles.assign(editor.id, to: bob.id, at: Sample.now)

            let keys = PostgresAPIKeyRepository(database: pool)
            let later = Sample.now + .seconds(60)
            let made = [nil, later, Sample.now + .seconds(1), nil].map {
                Sample.key(owner: bob, roles: ["editor"], expiresAt: $0)
            }
            for (index, key) in made.enumerated() {
                try await keys.create(key, secretHash: Sample.hash(UInt8(index)))
            }
            try await keys.create(Sample.key(owner: bob, roles: ["user"]), secretHash: Sample.hash(99))
            #expect(try await keys.revoke(made[3].id, owner: nil, at: Sample.now))
            #expect(
                try await roles.use(of: editor.id, at: Sample.now + .seconds(1)) == AccessUse(users: 1, apiKeys: 2)
            )
            #expect(try await roles.use(of: editor.id, at: later) == AccessUse(users: 1, apiKeys: 1))
        }
    }
}
