// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Migrations
import Testing

@Suite struct MigratorDownTests {
    private func files() throws -> [MigrationFile] {
        [
            try .step("0001", up: "create table a (id int);", down: "drop table a;"),
            try .step("0002", up: "create table b ();", down: "drop table b;"),
            try .step("0003", up: "create table c ();", down: "drop table c;"),
        ]
    }

    private func tables(_ connection: BlockingConnection) throws -> [String] {
        try connection.texts("select tablename from pg_tables where tablename ~ '^[a-c]$' order by 1")
    }

    /// What `postern migrate down` does once somebody agreed.
    private func down(_ migrator: Migrator, to version: String? = nil) throws -> [String] {
        let files = try migrator.status().filesToRollBack(to: version)
        try migrator.down(to: version, expecting: files)
        return files.map(\.version)
    }

    @Test func down_rollsBackTheNewest_andUpAppliesItAgain() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let migrator = Migrator(connection: connection, files: try files())
            _ = try migrator.up()
            #expect(try down(migrator) == ["0003"])
            #expect(try tables(connection) == ["a", "b"])
            #expect(try connection.texts("select version from postern_migrations order by 1") == ["0001", "0002"])
            #expect(try migrator.up().map(\.version) == ["0003"])
        }
    }

    @Test func down_toAVersion_leavesThatOne_andToZeroNone() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let migrator = Migrator(connection: connection, files: try files())
            _ = try migrator.up()
            #expect(try down(migrator, to: "0001") == ["0003", "0002"])
            #expect(try tables(connection) == ["a"])
            #expect(try down(migrator, to: "0000") == ["0001"])
            #expect(try tables(connection).isEmpty)
            #expect(try down(migrator).isEmpty)
        }
    }

    @Test func down_whenAFileChanged_refusesAndChangesNothing() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            _ = try Migrator(connection: connection, files: try files()).up()
            let changed = try files().dropLast() + [try .step("0003", up: "create table c ();", down: "drop table a;")]
            let error = #expect(throws: MigrationError.self) {
                try down(Migrator(connection: connection, files: Array(changed)))
            }
            #expect(error?.code == .inconsistent)
            #expect(try tables(connection) == ["a", "b", "c"])
        }
    }

    @Test func down_whenAnotherMigratorWasFaster_doesNotTouchMoreThanWasAgreed() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let migrator = Migrator(connection: connection, files: try files())
            _ = try migrator.up()
            let agreed = try migrator.status().filesToRollBack(to: nil)
            #expect(try down(Migrator(connection: try database.connect(), files: try files())) == ["0003"])
            let error = #expect(throws: MigrationError.self) { try migrator.down(to: nil, expecting: agreed) }
            #expect(error?.code == .inconsistent)
            #expect(try tables(connection) == ["a", "b"])
        }
    }

    @Test func down_whenAStatementFails_leavesTheFileApplied() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let file = try MigrationFile.step("0001", up: "create table a ();", down: "drop table a;\nselect * from b;")
            let migrator = Migrator(connection: connection, files: [file])
            _ = try migrator.up()
            let error = #expect(throws: MigrationError.self) { try down(migrator) }
            #expect(error?.description.hasPrefix("0001_step.sql:5") == true, "\(error?.description ?? "")")
            #expect(try tables(connection) == ["a"])
            #expect(try migrator.status().pending.isEmpty)
        }
    }
}
