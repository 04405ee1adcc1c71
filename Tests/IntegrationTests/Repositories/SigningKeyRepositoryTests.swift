// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct SigningKeyRepositoryTests {
    @Test func insertFirst_thenAll_givesTheSameKey() async throws {
        try await TestDatabase.withMigrated { pool async throws in
            let keys = PostgresSigningKeyRepository(database: pool)
            #expect(try await keys.all().isEmpty)
            #expect(try await keys.insertFirst(Sample.signingKey("first")))
            #expect(try await keys.all() == [Sample.signingKey("first")])
        }
    }

    @Test func insertFirst_whenAKeySigns_storesNothing() async throws {
        try await TestDatabase.withMigrated { pool in
            let keys = PostgresSigningKeyRepository(database: pool)
            _ = try await keys.insertFirst(Sample.signingKey("first"))
            #expect(try await !keys.insertFirst(Sample.signingKey("second")))
            #expect(try await keys.all().map(\.kid) == ["first"])
        }
    }

    @Test func insertFirst_whenEveryKeyIsRetired_storesTheNext() async throws {
        try await TestDatabase.withMigrated { pool async throws in
            let keys = PostgresSigningKeyRepository(database: pool)
            let retired = Sample.signingKey("old", retiredAt: Sample.now + .seconds(1))
            #expect(try await keys.insertFirst(retired))
            #expect(try await keys.insertFirst(Sample.signingKey("new")))
            #expect(try await keys.all() == [retired, Sample.signingKey("new")])
        }
    }

    @Test func insertFirst_twentyAtOnce_oneSucceeds() async throws {
        try await TestDatabase.withMigrated(connections: 20) { pool in
            let keys = PostgresSigningKeyRepository(database: pool)
            let stored = try await successes(of: 20) { index in
                try await keys.insertFirst(Sample.signingKey("key\(index)"))
            }
            #expect(stored == 1)
            #expect(try await keys.all().count == 1)
        }
    }

    /// The race itself, without luck: the second statement begins before the first transaction has committed.
    @Test func insertFirst_whileAnotherIsNotCommitted_waitsAndStoresNothing() async throws {
        try await TestDatabase.withMigrated { pool in
            let second: Task<Bool, any Error> = try await pool.transaction { transaction in
                #expect(
                    try await PostgresSigningKeyRepository(database: transaction)
                        .insertFirst(Sample.signingKey("first"))
                )
                let second = Task {
                    try await PostgresSigningKeyRepository(database: pool).insertFirst(Sample.signingKey("second"))
                }
                try await DatabaseFixture.eventually { try await transaction.isWaitedFor() }
                return second
            }
            #expect(try await !second.value)
            #expect(try await PostgresSigningKeyRepository(database: pool).all().map(\.kid) == ["first"])
        }
    }
}
