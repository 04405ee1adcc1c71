// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct UserRepositoryTests {
    @Test func create_thenProfile_givesTheSameUserAndRole() async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            let ada = try Sample.user(displayName: "Ada \"Countess\" Lovelace, {née} Byron")
            let bob = try Sample.user("bob@example.com", isActive: false, displayName: nil)
            try await users.create(ada, roles: [BuiltIn.Role.user], linkedTo: nil)
            try await users.create(bob, roles: [BuiltIn.Role.user], linkedTo: nil)

            let profile = UserProfile(user: ada, grants: Grants(roles: [BuiltIn.Role.user]))
            #expect(try await users.profile(of: ada.id) == profile)
            #expect(try await users.profile(of: bob.id)?.user == bob)
        }
    }

    @Test func create_takesWhateverAProviderSends() async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            let long = try Sample.user(displayName: String(repeating: "e\u{301}", count: 200))
            let empty = try Sample.user("b@example.com", displayName: "")
            let identity = Sample.identity(subject: "1", email: String(repeating: "x", count: 5000))
            try await users.create(long, roles: [BuiltIn.Role.user], linkedTo: identity)
            let stored = try await users.create(empty, roles: [BuiltIn.Role.admin], linkedTo: nil)
            #expect(try await users.profile(of: empty.id) == stored)
            #expect(try await users.profile(of: long.id)?.user.displayName == String(repeating: "e\u{301}", count: 100))
            #expect(try await users.profile(of: empty.id)?.user.displayName == nil)
        }
    }

    @Test func profile_whenThereIsNoUser_isNil() async throws {
        try await TestDatabase.withMigrated { pool async throws in
            let users = PostgresUserRepository(database: pool)
            #expect(try await users.profile(of: .make(at: Sample.now)) == nil)
        }
    }

    @Test func profile_ofAnAdministrator_hasEveryPermission_alsoNewOnes() async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            let ada = try Sample.user()
            try await users.create(ada, roles: [BuiltIn.Role.admin], linkedTo: nil)
            try await pool.addPermissions(["reports:export"])

            let permissions = try #require(await users.profile(of: ada.id)).grants.permissions
            #expect(permissions.isSuperset(of: ["reports:export", BuiltIn.Permission.usersDelete]))
            #expect(permissions.count == 13)
        }
    }

    @Test func profile_gathersThePermissionsOfAllRoles() async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            let ada = try Sample.user()
            try await users.create(ada, roles: [BuiltIn.Role.user], linkedTo: nil)
            try await pool.addRole(
                "editor",
                permissions: [BuiltIn.Permission.usersRead, BuiltIn.Permission.usersWrite]
            )
            try await pool.addRole(
                "auditor",
                permissions: [BuiltIn.Permission.usersRead, BuiltIn.Permission.rolesRead]
            )
            try await pool.assign("editor", to: ada)
            try await pool.assign("auditor", to: ada)

            let grants = Grants(
                roles: ["user", "editor", "auditor"],
                permissions: ["users:read", "users:write", "roles:read"]
            )
            #expect(try await users.profile(of: ada.id)?.grants == grants)
        }
    }

    @Test func user_findsByIdentity_andByNothingElse() async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            let ada = try Sample.user()
            let identity = Sample.identity(subject: "42", email: "Ada@Example.com")
            try await users.create(ada, roles: [BuiltIn.Role.user], linkedTo: identity)

            #expect(try await users.user(issuer: identity.issuer, subject: "42") == ada)
            #expect(try await users.user(issuer: identity.issuer, subject: "43") == nil)
            #expect(try await users.user(issuer: "https://other.example", subject: "42") == nil)
        }
    }

    @Test func create_whenTheAddressIsTaken_isAConflictThatNamesTheField_andStoresNothing() async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            try await users.create(try Sample.user(), roles: [BuiltIn.Role.user], linkedTo: nil)
            let error = await domainError {
                try await users.create(
                    try Sample.user(),
                    roles: [BuiltIn.Role.user],
                    linkedTo: Sample.identity(subject: "7")
                )
            }
            #expect(error?.code == .conflict)
            #expect(error?.fields.map(\.name) == ["email"])
            #expect(try await users.user(issuer: Sample.identity(subject: "7").issuer, subject: "7") == nil)
        }
    }

    /// What shares a transaction with it, as its own reader or as a statement of somebody else, goes on.
    @Test func create_whenTheAddressIsTaken_leavesTheTransactionUsable() async throws {
        try await TestDatabase.withMigrated { pool in
            let database = TransactionalDatabase(pool: pool)
            let users = PostgresUserRepository(database: database)
            let (ada, second, bob) = (try Sample.user(), try Sample.user(), try Sample.user("bob@example.com"))
            let refused = try await database.run { () async throws(DomainError) -> DomainError? in
                try await users.create(ada, roles: [BuiltIn.Role.user], linkedTo: nil)
                var refused: DomainError?
                do throws(DomainError) {
                    try await users.create(second, roles: [BuiltIn.Role.user], linkedTo: nil)
                } catch {
                    refused = error
                }
                try await users.create(bob, roles: [BuiltIn.Role.user], linkedTo: nil)
                return refused
            }
            #expect(refused?.code == .conflict)
            #expect(refused?.fields.map(\.name) == ["email"])
            #expect(try await users.profile(email: ada.email)?.user.id == ada.id)
            #expect(try await users.profile(email: bob.email)?.user.id == bob.id)
        }
    }

    @Test func create_whenTheIdentityIsTaken_isAConflict_andStoresNothing() async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            let identity = Sample.identity(subject: "42")
            try await users.create(try Sample.user(), roles: [BuiltIn.Role.user], linkedTo: identity)
            let second = try Sample.user("second@example.com")
            let error = await domainError {
                try await users.create(second, roles: [BuiltIn.Role.user], linkedTo: identity)
            }
            #expect(error?.code == .conflict)
            #expect(error?.fields.map(\.name) == ["identity"])
            #expect(try await users.profile(of: second.id) == nil)
        }
    }

    @Test func create_whenARoleDoesNotExist_namesTheFieldAndStoresNothing() async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            let ada = try Sample.user()
            let error = await domainError {
                try await users.create(ada, roles: ["user", "ghost"], linkedTo: Sample.identity(subject: "7"))
            }
            #expect(error?.code == .validationFailed)
            #expect(error?.fields.map(\.name) == ["roles"])
            #expect(try await users.profile(of: ada.id) == nil)
            #expect(try await pool.count("oauth_accounts") == 0)
        }
    }

    @Test func create_givesEachOfTheRoles_alsoNone() async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            let (ada, bob) = (try Sample.user(), try Sample.user("bob@example.com"))
            try await pool.addRole("editor", permissions: ["users:write"])
            let created = try await users.create(ada, roles: ["user", "editor"], linkedTo: nil)
            try await users.create(bob, roles: [], linkedTo: nil)
            let grants = Grants(roles: ["user", "editor"], permissions: ["users:write"])
            #expect(created == UserProfile(user: ada, grants: grants))
            #expect(try await users.profile(of: ada.id)?.grants == grants)
            #expect(try await users.profile(of: bob.id)?.grants == Grants())
        }
    }

    @Test func profile_byAddress_isThatOfTheUser() async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            let (ada, bob) = (try Sample.user(), try Sample.user("bob@example.com"))
            try await users.create(ada, roles: [BuiltIn.Role.user], linkedTo: nil)
            #expect(
                try await users.profile(email: ada.email)
                    == UserProfile(user: ada, grants: Grants(roles: ["user"]))
            )
            #expect(try await users.profile(email: bob.email) == nil)
        }
    }

    @Test func create_fiftyAtOnceWithOneAddress_oneSucceeds() async throws {
        try await TestDatabase.withMigrated(connections: 8) { pool in
            let users = PostgresUserRepository(database: pool)
            let created = try await successes(of: 50) { index in
                let user = try Sample.user()
                let error = await domainError {
                    try await users.create(
                        user,
                        roles: [BuiltIn.Role.user],
                        linkedTo: Sample.identity(subject: "\(index)")
                    )
                }
                #expect(error == nil || error?.code == .conflict)
                return error == nil
            }
            #expect(created == 1)
            #expect(try await pool.count("users") == 1)
            #expect(try await pool.count("oauth_accounts") == 1)
            #expect(try await pool.count("user_roles") == 1)
        }
    }

    @Test func hasActiveUser_looksAtRoleAndActivity() async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            #expect(try await !users.hasActiveUser(withRole: BuiltIn.Role.admin))
            let inactive = try Sample.user(isActive: false)
            try await users.create(inactive, roles: [BuiltIn.Role.admin], linkedTo: nil)
            try await users.create(try Sample.user("b@example.com"), roles: [BuiltIn.Role.user], linkedTo: nil)
            #expect(try await !users.hasActiveUser(withRole: BuiltIn.Role.admin))
            try await users.create(try Sample.user("c@example.com"), roles: [BuiltIn.Role.admin], linkedTo: nil)
            #expect(try await users.hasActiveUser(withRole: BuiltIn.Role.admin))
        }
    }

    @Test func everyMethod_whenTheDatabaseIsAway_isUnavailable() async throws {
        let pool = try DatabaseFixture.pool {
            $0.connectionString = Redacted("host=/nowhere/at/all")
            $0.acquireTimeout = .milliseconds(50)
        }
        try pool.start()
        let users = PostgresUserRepository(database: pool)
        let error = await domainError { _ = try await users.profile(of: .make(at: Sample.now)) }
        #expect(error?.code == .unavailable)
        #expect(error?.detail.contains("nowhere") == false)
        let ping = await domainError { try await PostgresDatabaseHealth(database: pool).ping() }
        #expect(ping?.code == .unavailable)
        await pool.shutdown()
    }
}
