// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Repositories
import Testing

/// That whoever creates a user has to be active and to hold the permission when the statement runs.
@Suite struct UserCreationTests {
    private static func holder(_ id: Identifier<User>) -> PermissionHolder {
        PermissionHolder(id, of: BuiltIn.Permission.usersWrite)
    }

    @Test func create_forSomebodyWhoMayNot_makesNothing() async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            let retired = try Sample.user("retired@example.com", isActive: false)
            let plain = try Sample.user("plain@example.com")
            try await users.create(retired, roles: [BuiltIn.Role.admin], linkedTo: nil)
            try await users.create(plain, roles: [BuiltIn.Role.user], linkedTo: nil)

            let made = try Sample.user("made@example.com")
            for id in [retired.id, plain.id, .make(at: Sample.now)] {
                let profile = try await users.create(
                    made,
                    roles: [BuiltIn.Role.user],
                    linkedTo: nil,
                    for: Self.holder(id)
                )
                #expect(profile == nil)
            }
            #expect(try await users.profile(of: made.id) == nil)
        }
    }

    @Test func create_forSomebodyWhoMay_byWhicheverRole_makesTheUser() async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            let roles = PostgresRoleRepository(database: pool)
            try await roles.create(Sample.role("staff", permissions: [BuiltIn.Permission.usersWrite]))
            for (index, role) in [BuiltIn.Role.admin, "staff"].enumerated() {
                let initiator = try Sample.user("initiator\(index)@example.com")
                try await users.create(initiator, roles: [role], linkedTo: nil)
                let made = try Sample.user("made\(index)@example.com")
                let profile = try await users.create(
                    made,
                    roles: [BuiltIn.Role.user],
                    linkedTo: nil,
                    for: Self.holder(initiator.id)
                )
                #expect(profile?.user == made)
            }
        }
    }
}
