// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct APIKeyChangeTests {
    /// A migrated database with Ada, and a key of hers.
    private func withKey(
        _ body: (DatabasePool, PostgresAPIKeyRepository, _ ada: User, APIKey) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated(connections: 4) { pool in
            let ada = try Sample.user()
            try await PostgresUserRepository(database: pool).create(ada, roles: [BuiltIn.Role.admin], linkedTo: nil)
            let keys = PostgresAPIKeyRepository(database: TransactionalDatabase(pool: pool))
            let key = Sample.key(owner: ada, roles: ["user"], permissions: ["users:read", "roles:read"])
            try await keys.create(key, secretHash: Sample.hash(1))
            try await body(pool, keys, ada, key)
        }
    }

    private func changed(
        _ key: APIKey,
        roles: Set<String>,
        permissions: Set<String>,
        expiresAt: Timestamp? = nil
    ) -> APIKey {
        APIKey(
            id: key.id,
            ownerID: key.ownerID,
            name: "changed",
            prefix: key.prefix,
            lastFour: key.lastFour,
            grants: Grants(roles: roles, permissions: permissions),
            createdAt: key.createdAt,
            expiresAt: expiresAt,
            lastUsedAt: key.lastUsedAt,
            useCount: key.useCount
        )
    }

    @Test func change_writesNameGrantsAndExpiry_ofThatKeyAlone() async throws {
        try await withKey { _, keys, ada, key async throws in
            let other = Sample.key(owner: ada, roles: ["user"], permissions: ["users:read"])
            try await keys.create(other, secretHash: Sample.hash(2))
            let new = changed(
                key,
                roles: ["user", "admin"],
                permissions: ["roles:read", "users:write"],
                expiresAt: Sample.now + .seconds(9)
            )
            #expect(try await keys.change(new))
            #expect(try await keys.find(key.id, owner: nil) == new)
            let bare = changed(key, roles: [], permissions: [])
            #expect(try await keys.change(bare))
            #expect(try await keys.find(key.id, owner: nil) == bare)
            #expect(try await keys.find(other.id, owner: nil) == other)
        }
    }

    @Test(arguments: [(["ghost"], ["users:read"], "roles"), (["user"], ["users:fly"], "permissions")])
    func change_withAnUnknownName_namesTheFieldAndChangesNothing(
        roles: [String],
        permissions: [String],
        field: String
    ) async throws {
        try await withKey { _, keys, _, key async throws in
            let new = changed(key, roles: Set(roles), permissions: Set(permissions))
            let error = await domainError { _ = try await keys.change(new) }
            #expect(error?.code == .validationFailed)
            #expect(error?.fields.map(\.name) == [field])
            #expect(try await keys.find(key.id, owner: nil) == key)
        }
    }

    @Test func change_ofARevokedKey_orOfNone_isFalse_andChangesNothing() async throws {
        try await withKey { pool, keys, ada, key async throws in
            #expect(try await keys.revoke(key.id, owner: nil, at: Sample.now))
            #expect(try await !keys.change(changed(key, roles: [], permissions: [])))
            #expect(try await pool.count("api_keys where name = 'changed'") == 0)
            #expect(try await pool.count("api_key_permissions") == 2)
            #expect(try await !keys.change(Sample.key(owner: ada)))
        }
    }

    @Test func list_ofEveryone_pagesNewestFirst_withoutRevokedOnes() async throws {
        try await withKey { pool, keys, ada, key async throws in
            let bob = try Sample.user("bob@example.com")
            try await PostgresUserRepository(database: pool).create(bob, roles: [], linkedTo: nil)
            var made = [key]
            for index in 1..<6 {
                let owner = index % 2 == 0 ? ada : bob
                let key = Sample.key(owner: owner, createdAt: Sample.now + .seconds(index), roles: ["user"])
                try await keys.create(key, secretHash: Sample.hash(UInt8(10 + index)))
                made.insert(key, at: 0)
            }
            #expect(try await keys.revoke(made.remove(at: 1).id, owner: nil, at: Sample.now + .seconds(9)))
            let first = try await keys.list(owner: nil, after: nil, limit: 3)
            let second = try await keys.list(owner: nil, after: first.last?.id, limit: 3)
            #expect(first + second == made)
            #expect(try await keys.list(owner: bob.id, after: nil, limit: 9) == made.filter { $0.ownerID == bob.id })
        }
    }

    @Test func lockedFind_isThatOfFind_andKeepsOthersFromChangingTheKey() async throws {
        try await withKey { pool, keys, ada, key async throws in
            #expect(try await keys.lockedFind(key.id, owner: nil) == key)
            #expect(try await keys.lockedFind(key.id, owner: ada.id) == key)
            #expect(try await keys.lockedFind(key.id, owner: .make(at: Sample.now)) == nil)

            // The one who waits sees all that the other one changed.
            let new = changed(key, roles: ["admin"], permissions: ["users:write"])
            let reading: Task<APIKey?, any Error> = try await pool.transaction { transaction in
                let inside = PostgresAPIKeyRepository(database: transaction)
                _ = try await inside.lockedFind(key.id, owner: nil)
                let reading = Task { try await keys.lockedFind(key.id, owner: nil) }
                try await DatabaseFixture.eventually { try await transaction.isWaitedFor() }
                #expect(try await inside.change(new))
                return reading
            }
            #expect(try await reading.value == new)
        }
    }
}
