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
            let linked = try #require(try await identities.link(identity, toVerified: ada.email, at: Sample.now))
            #expect(try await identities.link(identity, toVerified: ada.email, at: Sample.now) == nil)
            #expect(linked.email?.count == 320 && linked.createdAt == Sample.now)
            #expect(try await identities.list(of: ada.id, after: nil, limit: 2) == [linked])
            let users = PostgresUserRepository(database: pool)
            #expect(try await users.user(issuer: identity.issuer, subject: "1") == ada)
            #expect(try await pool.count("oauth_accounts") == 1)
        }
    }

    @Test(arguments: ["is_active = false", "is_email_verified = false", "email = 'other@example.com'"])
    func link_toAUserWhoMayNotBeJoined_doesNothing(change: String) async throws {
        try await withUser { pool, identities, ada in
            _ = try await pool.execute(.write("update users set \(change)"), [])
            let linked = try await identities.link(
                Sample.identity(subject: "1"),
                toVerified: ada.email,
                at: Sample.now
            )
            #expect(linked == nil)
            #expect(try await pool.count("oauth_accounts") == 0)
        }
    }

    @Test func link_ofSomebodyElsesIdentity_leavesItThere() async throws {
        try await withUser { pool, identities, ada in
            let users = PostgresUserRepository(database: pool)
            let bob = try Sample.user("bob@example.com")
            try await users.create(bob, roles: [BuiltIn.Role.user], linkedTo: Sample.identity(subject: "1"))
            let taken = Sample.identity(subject: "1")
            #expect(try await identities.link(taken, toVerified: ada.email, at: Sample.now) == nil)
            #expect(try await identities.link(taken, to: ada.id, at: Sample.now) == nil)
            #expect(try await users.user(issuer: "https://issuer.example", subject: "1") == bob)
        }
    }

    @Test func link_whenTheAddressIsTakenAwayAtThatMoment_doesNothing() async throws {
        try await withUser { pool, identities, ada in
            let linking: Task<LinkedIdentity?, any Error> = try await pool.transaction { transaction in
                _ = try await transaction.execute(.write("update users set email = 'other@example.com'"), [])
                let linking = Task {
                    try await identities.link(Sample.identity(subject: "1"), toVerified: ada.email, at: Sample.now)
                }
                try await DatabaseFixture.eventually { try await transaction.isWaitedFor() }
                return linking
            }
            #expect(try await linking.value == nil)
            #expect(try await pool.count("oauth_accounts") == 0)
        }
    }

    @Test func link_onPurpose_keepsItsIdWhenItIsRepeated() async throws {
        try await withUser { pool, identities, ada in
            let first = Sample.identity(subject: "1", email: "old@example.com")
            let linked = try #require(try await identities.link(first, to: ada.id, at: Sample.now))
            let again = Sample.identity(subject: "1", email: String(repeating: "x", count: 5000))
            let later = Sample.now + .seconds(1)
            let repeated = try #require(try await identities.link(again, to: ada.id, at: later))
            #expect(repeated.id == linked.id && repeated.createdAt == Sample.now)
            #expect(repeated.email?.count == 320)
            #expect(try await identities.find(linked.id, of: ada.id) == repeated)
            #expect(try await pool.count("oauth_accounts") == 1)
        }
    }

    @Test func list_isNewestFirst_pageByPage_andOfOneUser() async throws {
        try await withUser { pool, identities, ada in
            let bob = try Sample.user("bob@example.com")
            try await PostgresUserRepository(database: pool)
                .create(bob, roles: [BuiltIn.Role.user], linkedTo: Sample.identity(subject: "bob"))
            for subject in ["1", "2", "3"] {
                _ = try await identities.link(Sample.identity(subject: subject), to: ada.id, at: Sample.now)
            }
            let all = try await identities.list(of: ada.id, after: nil, limit: 9)
            #expect(Set(all.map(\.subject)) == ["1", "2", "3"])
            #expect(all.map(\.id.description) == all.map(\.id.description).sorted(by: >))
            #expect(try await identities.list(of: ada.id, after: nil, limit: 2) == Array(all.prefix(2)))
            #expect(try await identities.list(of: ada.id, after: all[1].id, limit: 2) == [all[2]])
        }
    }

    /// Ids sort by creation: version 7, as RFC 9562 section 5.7 has it, of this moment.
    @Test func ids_areOfVersion7() async throws {
        try await withUser { pool, identities, ada in
            let linked = try #require(
                try await identities.link(Sample.identity(subject: "1"), to: ada.id, at: Sample.now)
            )
            let text = Array(linked.id.description)
            #expect(text[14] == "7" && "89ab".contains(text[19]))
            let age = try await pool.execute(
                .read(
                    """
                    select (extract(epoch from clock_timestamp()) * 1000)::bigint
                        - ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint
                    from oauth_accounts
                    """
                )
            ).first?.decode(0, as: Int64.self)
            #expect((0..<60_000).contains(try #require(age)))
        }
    }

    @Test func unlink_takesItFromItsUserAlone_andItsAddressDoesNotBringItBack() async throws {
        try await withUser { pool, identities, ada in
            let bob = try Sample.user("bob@example.com")
            let users = PostgresUserRepository(database: pool)
            try await users.create(bob, roles: [BuiltIn.Role.user], linkedTo: nil)
            let identity = Sample.identity(subject: "1")
            let linked = try #require(try await identities.link(identity, to: ada.id, at: Sample.now))
            #expect(try await identities.find(linked.id, of: bob.id) == nil)
            #expect(try await identities.unlink(linked.id, of: bob.id, at: Sample.now) == nil)
            #expect(try await !identities.hasIdentity(ada.id, at: ["https://other.example"]))
            #expect(try await identities.hasIdentity(ada.id, at: ["https://other.example", identity.issuer]))

            #expect(try await identities.unlink(linked.id, of: ada.id, at: Sample.now) == linked)

            #expect(try await !identities.hasIdentity(ada.id, at: [identity.issuer]))
            #expect(try await users.user(issuer: identity.issuer, subject: "1") == nil)
            #expect(try await identities.unlink(linked.id, of: ada.id, at: Sample.now) == nil)
            #expect(try await identities.link(identity, toVerified: ada.email, at: Sample.now) == nil)
            #expect(try await identities.link(identity, toVerified: bob.email, at: Sample.now) != nil)
        }
    }

    @Test func unlinked_isForgotten_whenItIsLinkedOnPurpose() async throws {
        try await withUser { pool, identities, ada in
            let identity = Sample.identity(subject: "1")
            for _ in 1...2 {
                let linked = try #require(try await identities.link(identity, to: ada.id, at: Sample.now))
                #expect(try await pool.count("unlinked_identities") == 0)
                #expect(try await identities.unlink(linked.id, of: ada.id, at: Sample.now) == linked)
                #expect(try await pool.count("unlinked_identities") == 1)
            }
        }
    }

    @Test func unlinked_isForgotten_whenTheAddressIsVouchedForAnew_andNotByOtherChanges() async throws {
        try await withUser { pool, identities, ada in
            let users = PostgresUserRepository(database: pool)
            let identity = Sample.identity(subject: "1")
            let linked = try #require(try await identities.link(identity, to: ada.id, at: Sample.now))
            _ = try await identities.unlink(linked.id, of: ada.id, at: Sample.now)
            for (isVerified, left) in [(true, 1), (false, 1), (true, 0)] {
                #expect(try await users.change(ada.with(isEmailVerified: isVerified)))
                #expect(try await pool.count("unlinked_identities") == left)
            }
            #expect(try await identities.link(identity, toVerified: ada.email, at: Sample.now) != nil)
        }
    }
}

extension User {
    fileprivate func with(isEmailVerified: Bool) -> User {
        User(
            id: id,
            email: email,
            isEmailVerified: isEmailVerified,
            displayName: displayName,
            isActive: isActive,
            createdAt: createdAt,
            updatedAt: updatedAt
        )
    }
}
