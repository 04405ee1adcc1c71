// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Migrations
import Testing

@Suite struct SchemaVersionTests {
    @Test func check_whenEverythingIsApplied_isCurrent() async throws {
        try await TestDatabase.withMigrated { pool async throws in
            #expect(try await SchemaVersion.check(pool) == .current)
        }
    }

    @Test func check_whenALaterReleaseMigrated_isCurrent() async throws {
        try await TestDatabase.withMigrated { pool in
            _ = try await pool.execute(.write("insert into schema_migrations values ('9999')"))
            #expect(try await SchemaVersion.check(pool) == .current)
        }
    }

    @Test func check_whenSomeArePending_isOutdated() async throws {
        try await TestDatabase.withMigrated { pool in
            _ = try await pool.execute(.write("delete from schema_migrations where version > '0002'"))
            #expect(try await SchemaVersion.check(pool) == .outdated(found: "0002"))
        }
    }

    @Test func check_onAnEmptyDatabase_isOutdated() async throws {
        try await TestDatabase.withEmpty { database in
            try await DatabaseFixture.withPool {
                $0.connectionString = database.connectionString
            } _: { pool async throws in
                #expect(try await SchemaVersion.check(pool) == .outdated(found: nil))
            }
        }
    }
}
