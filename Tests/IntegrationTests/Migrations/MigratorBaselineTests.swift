// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Migrations
import Testing

@Suite struct MigratorBaselineTests {
    private func files() throws -> [MigrationFile] {
        [
            try .step("0001", up: "create table a ();"), try .step("0002", up: "create table b ();"),
            try .step("0003", up: "create table c ();"),
        ]
    }

    @Test func baseline_notesWithoutRunning_andUpGoesOnFromThere() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            try connection.execute(script: "create table a (); create table b ()")
            let files = try files()
            let migrator = Migrator(connection: connection, files: files)
            #expect(try migrator.baseline(to: "0002") == Array(files.prefix(2)))
            #expect(try migrator.baseline(to: "0002").isEmpty)
            #expect(try migrator.up() == [files[2]])
        }
    }

    @Test func baseline_ofWhatDbmateApplied_addsTheChecksums() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            try connection.execute(
                script: """
                    create table schema_migrations (version varchar(128) primary key);
                    insert into schema_migrations values ('0001'), ('0002')
                    """
            )
            let files = try files()
            #expect(try Migrator(connection: connection, files: files).baseline(to: "0002") == Array(files.prefix(2)))
            let changed = [try MigrationFile.step("0001", up: "create table x ();")] + files.dropFirst()
            let plan = try Migrator(connection: connection, files: changed).status()
            #expect(plan.problems == [.changed(fileName: "0001_step.sql")])
        }
    }

    @Test func baseline_toAnUnknownVersion_refuses() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let error = #expect(throws: MigrationError.self) {
                try Migrator(connection: connection, files: try files()).baseline(to: "0004")
            }
            #expect(error?.code == .unknownVersion)
            #expect(try connection.texts("select tablename from pg_tables where schemaname = 'public'").isEmpty)
        }
    }
}
