// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

/// Permissions of roles and roles of users.
@Suite struct RoleRelationTests {
    private static let later = Sample.now + .seconds(60)
    private static let latest = Sample.now + .seconds(120)

    /// A migrated database with Bob, a role and a permission that have nothing to do with each other.
    private func withParts(
        _ body: (PostgresRoleRepository, PostgresUserRepository, User, Role, Permission) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated { pool in
            let (users, roles) = (PostgresUserRepository(database: pool), PostgresRoleRepository(database: pool))
            let (bob, editor) = (try Sample.user("bob@example.com"), Sample.role("editor"))
            let permission = try Sample.permission("reports:export")
            try await users.create(bob, roles: [], linkedTo: nil)
            try await roles.create(editor)
            try await PostgresPermissionRepository(database: pool).create(permission)
            try await body(roles, users, bob, editor, permission)
        }
    }

    @Test func attachAndDetach_changeTheRole_andASecondTimeNothing() async throws {
        try await withParts { roles, _, _, editor, permission async throws in
            func state() async throws -> [String] {
                let role = try #require(await roles.find(editor.id))
                return role.permissions.sorted() + ["\(role.updatedAt == Self.later)"]
            }
            try await roles.attach(permission.id, to: editor.id, at: Self.later)
            #expect(try await state() == ["reports:export", "true"])
            try await roles.attach(permission.id, to: editor.id, at: Self.latest)
            #expect(try await state() == ["reports:export", "true"])
            try await roles.detach(permission.id, from: editor.id, at: Self.latest)
            #expect(try await state() == ["false"])
            try await roles.detach(permission.id, from: editor.id, at: Self.later)
            #expect(try await state() == ["false"])
        }
    }

    @Test func assignAndUnassign_changeTheUser_andASecondTimeNothing() async throws {
        try await withParts { roles, users, bob, editor, _ async throws in
            func state() async throws -> [String] {
                let profile = try #require(await users.profile(of: bob.id))
                return profile.grants.roles.sorted() + ["\(profile.user.updatedAt == Self.later)"]
            }
            try await roles.assign(editor.id, to: bob.id, at: Self.later)
            #expect(try await state() == ["editor", "true"])
            try await roles.assign(editor.id, to: bob.id, at: Self.latest)
            #expect(try await state() == ["editor", "true"])
            try await roles.unassign(editor.id, from: bob.id, at: Self.latest)
            #expect(try await state() == ["false"])
            try await roles.unassign(editor.id, from: bob.id, at: Self.later)
            #expect(try await state() == ["false"])
        }
    }

    @Test func attachAndAssign_whenOneOfTheTwoIsGone_areNotFound_andSayWhich() async throws {
        try await withParts { roles, users, bob, editor, permission async throws in
            let details = [
                await domainError { try await roles.attach(.make(at: Sample.now), to: editor.id, at: Self.later) },
                await domainError { try await roles.attach(permission.id, to: .make(at: Sample.now), at: Self.later) },
                await domainError { try await roles.assign(.make(at: Sample.now), to: bob.id, at: Self.later) },
                await domainError { try await roles.assign(editor.id, to: .make(at: Sample.now), at: Self.later) },
            ]
            #expect(details.allSatisfy { $0?.code == .notFound })
            #expect(
                details.map { $0?.detail } == [
                    "The permission does not exist.", "The role does not exist.", "The role does not exist.",
                    "The user does not exist.",
                ]
            )
            #expect(try await roles.find(editor.id) == editor)
            #expect(try await users.profile(of: bob.id)?.user == bob)
        }
    }
}
