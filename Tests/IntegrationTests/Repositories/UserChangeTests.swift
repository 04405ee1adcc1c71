// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct UserChangeTests {
    /// A migrated database with Ada and Bob.
    private func withUsers(
        _ body: (DatabasePool, PostgresUserRepository, _ ada: User, _ bob: User) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated(connections: 4) { pool in
            let users = PostgresUserRepository(database: TransactionalDatabase(pool: pool))
            let (ada, bob) = (try Sample.user(), try Sample.user("bob@example.com"))
            try await users.create(ada, roles: [BuiltIn.Role.admin], linkedTo: nil)
            try await users.create(bob, roles: [BuiltIn.Role.user], linkedTo: nil)
            try await body(pool, users, ada, bob)
        }
    }

    /// `user` with everything about it changed that can be.
    private func changed(_ user: User, email: String) throws -> User {
        User(
            id: user.id,
            email: try #require(EmailAddress(email)),
            isEmailVerified: !user.isEmailVerified,
            displayName: user.displayName == nil ? "Somebody" : nil,
            isActive: !user.isActive,
            createdAt: user.createdAt,
            updatedAt: user.updatedAt + .seconds(60)
        )
    }

    @Test func change_writesEveryField_andLeavesOthersAlone() async throws {
        try await withUsers { _, users, ada, bob async throws in
            let new = try changed(ada, email: "countess@example.com")
            #expect(try await users.change(new))
            #expect(try await users.profile(of: ada.id)?.user == new)
            #expect(try await users.profile(of: ada.id)?.grants.roles == ["admin"])
            #expect(try await users.profile(of: bob.id)?.user == bob)
        }
    }

    @Test func change_toAnAddressThatIsTaken_isAConflict_andChangesNothing() async throws {
        try await withUsers { _, users, ada, bob async throws in
            let new = try changed(ada, email: bob.email.text)
            let error = await domainError { _ = try await users.change(new) }
            #expect(error?.code == .conflict)
            #expect(error?.fields.map(\.name) == ["email"])
            #expect(try await users.profile(of: ada.id)?.user == ada)
        }
    }

    @Test func changeAndDelete_ofNobody_areFalse() async throws {
        try await withUsers { _, users, _, _ async throws in
            let stranger = try Sample.user("nobody@example.com")
            #expect(try await !users.change(stranger))
            #expect(try await !users.delete(stranger.id))
            #expect(try await users.lockedProfile(of: stranger.id) == nil)
        }
    }

    @Test func delete_removesTheUserAndNobodyElse() async throws {
        try await withUsers { _, users, ada, bob async throws in
            #expect(try await users.delete(ada.id))
            #expect(try await !users.delete(ada.id))
            #expect(try await users.profile(of: ada.id) == nil)
            #expect(try await users.profile(of: bob.id) != nil)
        }
    }

    @Test func lockedProfile_afterWaitingForAChange_showsAllOfIt() async throws {
        try await withUsers { pool, users, ada, bob async throws in
            let roles = PostgresRoleRepository(database: pool)
            let admin = try #require(await roles.find(names: [BuiltIn.Role.admin]).first)
            let reading: Task<UserProfile?, any Error> = try await pool.transaction { transaction in
                let later = Sample.now + .seconds(60)
                try await PostgresRoleRepository(database: transaction).assign(admin.id, to: bob.id, at: later)
                let reading = Task { try await users.lockedProfile(of: bob.id) }
                try await DatabaseFixture.eventually { try await transaction.isWaitedFor() }
                return reading
            }
            let profile = try await reading.value
            #expect(profile?.user.updatedAt == Sample.now + .seconds(60))
            #expect(profile?.grants.roles == ["admin", "user"])
        }
    }

    @Test func lockedProfile_keepsOthersFromChangingTheUser() async throws {
        try await withUsers { pool, users, ada, _ async throws in
            let transactions = TransactionalDatabase(pool: pool)
            let deleting = try await transactions.run { () async throws(DomainError) -> Task<Bool, any Error> in
                _ = try await users.lockedProfile(of: ada.id)
                // Detached, and so not a part of this transaction.
                let deleting = Task.detached { try await users.delete(ada.id) }
                do {
                    try await DatabaseFixture.eventually { try await transactions.isWaitedFor() }
                } catch {
                    throw DomainError(.internal, "nobody waits", cause: error)
                }
                return deleting
            }
            #expect(try await deleting.value)
        }
    }
}
