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
            #expect(try migrator.baseline(to: "0002", against: nil) == Array(files.prefix(2)))
            #expect(try migrator.baseline(to: "0002", against: nil).isEmpty)
            #expect(try migrator.up() == [files[2]])
        }
    }

    @Test func baseline_ofWhatDbmateApplied_addsTheChecksums() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            try connection.execute(
                script: """
                    create table schema_migrations (version varchar(128) primary key);
                    insert into schema_migrations values ('0001'), ('0002');
                    create table a (); create table b ()
                    """
            )
            let files = try files()
            let migrator = Migrator(connection: connection, files: files)
            #expect(try migrator.baseline(to: "0002", against: nil) == Array(files.prefix(2)))
            let changed = [try MigrationFile.step("0001", up: "create table x ();")] + files.dropFirst()
            let plan = try Migrator(connection: connection, files: changed).status()
            #expect(plan.problems == [.changed(fileName: "0001_step.sql")])
        }
    }

    @Test func baseline_toAnUnknownVersion_refuses() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let error = #expect(throws: MigrationError.self) {
                try Migrator(connection: connection, files: try files()).baseline(to: "0004", against: nil)
            }
            #expect(error?.code == .unknownVersion)
            #expect(try connection.texts("select tablename from pg_tables where schemaname = 'public'").isEmpty)
        }
    }

    @Test func baseline_withoutATableOfTheMigrations_refuses() async throws {
        let schema = try #require(TestDatabase.migrationDirectory.schema())
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let migrator = Migrator(connection: connection, files: try TestDatabase.migrations())
            for version in ["0001", SchemaVersion.required] {
                for reference in [nil, schema] {
                    let error = #expect(throws: MigrationError.self) {
                        try migrator.baseline(to: version, against: reference)
                    }
                    #expect(error?.code == .inconsistent)
                }
            }
            try connection.execute(script: "create table of_somebody_else ()")
            #expect(throws: MigrationError.self) { try migrator.baseline(to: "0001", against: schema) }
            #expect(try migrator.status().pending.count == TestDatabase.migrations().count)
        }
    }

    @Test func baseline_toTheNewestVersion_demandsItsSchema() async throws {
        let schema = try #require(TestDatabase.migrationDirectory.schema())
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let files = try TestDatabase.migrations()
            let migrator = Migrator(connection: connection, files: files)
            try connection.execute(script: schema.text)
            try connection.execute(script: "alter table users add nickname text")
            let error = #expect(throws: MigrationError.self) {
                try migrator.baseline(to: SchemaVersion.required, against: schema)
            }
            #expect(error?.description == "table users is not as in schema.sql: has \"nickname text\"")
            #expect(try migrator.status().pending == files)

            try connection.execute(script: "alter table users drop nickname")
            #expect(try migrator.baseline(to: SchemaVersion.required, against: schema) == files)
            #expect(try migrator.verify(against: schema).isEmpty)
        }
    }

    @Test func baseline_whileAMigrationIsUnfinished_refuses() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let files = [
                try MigrationFile.step("0001", up: "create table a (id int); insert into a values (1), (1);"),
                try .step("0002", alone: "create unique index concurrently a_id_idx on a (id);"),
            ]
            let migrator = Migrator(connection: connection, files: files)
            #expect(throws: MigrationError.self) { try migrator.up() }
            let error = #expect(throws: MigrationError.self) { try migrator.baseline(to: "0002", against: nil) }
            #expect(error?.description.contains("0002_step.sql has begun and did not end") == true)
            #expect(try migrator.status().pending == [files[1]])
        }
    }
}
