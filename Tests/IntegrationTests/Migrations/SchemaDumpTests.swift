// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import FoundationEssentials
import Migrations
import Testing

@Suite struct SchemaDumpTests {
    private static let root = TestDatabase.migrationDirectory.path

    private func withMigrated(_ body: (BlockingConnection) throws -> Void) async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            _ = try Migrator(connection: connection, files: try TestDatabase.migrations()).up()
            try body(connection)
        }
    }

    @Test func schemaFile_isWhatTheMigrationsGive() async throws {
        try await withMigrated { connection in
            let file = try String(contentsOfFile: "\(Self.root)/schema.sql", encoding: .utf8)
            #expect(try SchemaDump(connection).text == file, "run scripts/schema")
        }
    }

    @Test func schemaFile_givesTheSameSchema() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let file = try #require(TestDatabase.migrationDirectory.schema())
            try connection.execute(script: file.text)
            #expect(try SchemaDump(connection).differences(from: file) == [])
        }
    }

    @Test func init_ofAnotherSchemaAndSession_isTheSame() async throws {
        let file = try #require(TestDatabase.migrationDirectory.schema())
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            try connection.execute(
                script: """
                    create schema "Identity"; set search_path = "Identity"; set intervalstyle = iso_8601;
                    set quote_all_identifiers = on
                    """
            )
            _ = try Migrator(connection: connection, files: try TestDatabase.migrations()).up()
            #expect(try SchemaDump(connection) == file)
        }
    }

    @Test(arguments: [
        ("create table extra ()", "table extra is not in schema.sql"),
        ("drop table idempotency_keys", "table idempotency_keys of schema.sql is missing"),
        (
            "alter table users alter display_name set not null",
            "table users is not as in schema.sql: lacks \"display_name text\", has \"display_name text not null\""
        ),
        (
            "drop index users_is_active_id_idx",
            "table users is not as in schema.sql: lacks \"CREATE INDEX users_is_active_id_idx ON users USING btree "
                + "(is_active, id);\""
        ),
        (
            "alter table users disable trigger users_revocation_update",
            "trigger users_revocation_update of users is not as in schema.sql: "
                + "has \"alter table users disable trigger users_revocation_update;\""
        ),
        (
            "alter table users enable always trigger users_revocation_update",
            "trigger users_revocation_update of users is not as in schema.sql: "
                + "has \"alter table users enable always trigger users_revocation_update;\""
        ),
        (
            "alter table idempotency_keys set unlogged",
            "table idempotency_keys is not as in schema.sql: lacks \"create table idempotency_keys (\", "
                + "has \"create unlogged table idempotency_keys (\""
        ),
        (
            "alter table users enable row level security, force row level security",
            "table users is not as in schema.sql: has \"alter table users enable row level security;\", "
                + "has \"alter table users force row level security;\""
        ),
        (
            "alter table sessions drop constraint sessions_user_id_fkey",
            "foreign key sessions_user_id_fkey of sessions of schema.sql is missing"
        ),
        ("create view v as select 1", "view v is not in schema.sql"),
        ("create type mood as enum ('good')", "type mood is not in schema.sql"),
        ("create sequence s", "sequence s is not in schema.sql"),
        ("create policy p on users", "policy p is not in schema.sql"),
    ])
    func differences_nameWhatIsDifferent(change: String, difference: String) async throws {
        let file = try #require(TestDatabase.migrationDirectory.schema())
        try await withMigrated { connection in
            try connection.execute(script: change)
            #expect(try SchemaDump(connection).differences(from: file) == [difference])
        }
    }

    @Test func verify_whenSomethingWasNotCompared_saysSo() async throws {
        let schema = try #require(TestDatabase.migrationDirectory.schema())
        let files = try TestDatabase.migrations()
        let newest = SchemaVersion.required
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let migrator = Migrator(connection: connection, files: files)
            func notCompared(_ version: String) -> String {
                "the schema was not compared: schema.sql is that of migration \(newest), this one of \(version)"
            }
            #expect(
                try migrator.verify(against: schema) == [
                    "pending: \(files[0].fileName) and \(files.count - 1) more", notCompared("none"),
                ]
            )
            let last = files[files.count - 2].version
            _ = try migrator.up(to: last)
            #expect(
                try migrator.verify(against: schema) == [
                    "pending: \(files[files.count - 1].fileName)", notCompared(last),
                ]
            )
            _ = try migrator.up()
            #expect(try migrator.verify(against: schema) == [])
            #expect(
                try migrator.verify(against: nil) == [
                    "the schema was not compared: the folder has no schema.sql of scripts/schema"
                ]
            )
        }
    }

    @Test func init_passesOverPartitions_andWhatExtensionsBring() async throws {
        try await withMigrated { connection in
            try connection.execute(script: "create table parts (id int) partition by range (id)")
            let before = try SchemaDump(connection)
            #expect(before.text.contains("create table parts (\n    id integer\n) partition by RANGE (id);"))
            try connection.execute(
                script: """
                    create table parts_1 partition of parts for values from (1) to (9);
                    create extension citext;
                    create extension pg_stat_statements
                    """
            )
            #expect(try SchemaDump(connection) == before)
        }
    }
}
