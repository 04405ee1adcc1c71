// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct IdentityRepositoryTests {
    private func withUser(
        connections: Int = 2,
        _ body: (DatabasePool, PostgresIdentityRepository, User) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated(connections: connections) { pool in
            let ada = try Sample.user()
            try await PostgresUserRepository(database: pool).create(ada, roles: [BuiltIn.Role.user], linkedTo: nil)
            try await body(pool, PostgresIdentityRepository(database: pool), ada)
        }
    }

    @Test func link_toAVerifiedAddress_findsTheUserFromThenOn() async throws {
        try await withUser { pool, identities, ada in
            let identity = Sample.identity(subject: "1", email: String(repeating: "x", count: 5000))
            try await identities.link(identity, toVerified: ada.email, at: Sample.now)
            try await identities.link(identity, toVerified: ada.email, at: Sample.now)
            let users = PostgresUserRepository(database: pool)
            #expect(try await users.user(issuer: identity.issuer, subject: "1") == ada)
            #expect(try await pool.count("oauth_accounts") == 1)
        }
    }

    @Test(arguments: ["is_active = false", "is_email_verified = false", "email = 'other@example.com'"])
    func link_toAUserWhoMayNotBeJoined_doesNothing(change: String) async throws {
        try await withUser { pool, identities, ada in
            _ = try await pool.execute(.write("update users set \(change)"), [])
            try await identities.link(Sample.identity(subject: "1"), toVerified: ada.email, at: Sample.now)
            #expect(try await pool.count("oauth_accounts") == 0)
        }
    }

    @Test func link_ofSomebodyElsesIdentity_leavesItThere() async throws {
        try await withUser { pool, identities, ada in
            let users = PostgresUserRepository(database: pool)
            let bob = try Sample.user("bob@example.com")
            try await users.create(bob, roles: [BuiltIn.Role.user], linkedTo: Sample.identity(subject: "1"))
            try await identities.link(Sample.identity(subject: "1"), toVerified: ada.email, at: Sample.now)
            #expect(try await users.user(issuer: "https://issuer.example", subject: "1") == bob)
        }
    }

    @Test func link_whenTheAddressIsTakenAwayAtThatMoment_doesNothing() async throws {
        try await withUser { pool, identities, ada in
            let linking: Task<Void, any Error> = try await pool.transaction { transaction in
                _ = try await transaction.execute(.write("update users set email = 'other@example.com'"), [])
                let linking = Task {
                    try await identities.link(Sample.identity(subject: "1"), toVerified: ada.email, at: Sample.now)
                }
                try await DatabaseFixture.eventually { try await transaction.isWaitedFor() }
                return linking
            }
            try await linking.value
            #expect(try await pool.count("oauth_accounts") == 0)
        }
    }
}
