// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Migrations
import Testing

@Suite struct MigratorTests {
    private func file(_ version: String, _ up: String) throws -> MigrationFile {
        try .step(version, up: up)
    }

    private func names(_ connection: BlockingConnection, _ query: String) throws -> [String] {
        try connection.texts(query)
    }

    private func tables(_ connection: BlockingConnection) throws -> [String] {
        try names(connection, "select tablename from pg_tables where schemaname = 'public' order by 1")
    }

    @Test func up_onAnEmptyDatabase_appliesEverything_andASecondUpNothing() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let files = try TestDatabase.migrations()
            let migrator = Migrator(connection: connection, files: files)
            #expect(try migrator.status().pending == files)
            #expect(try tables(connection).isEmpty, "status must not change anything")

            #expect(try migrator.up() == files)
            #expect(try names(connection, "select version from schema_migrations order by 1") == files.map(\.version))
            #expect(try names(connection, "select name from postern_migrations order by version") == files.map(\.name))

            let state = "select md5(string_agg(p::text, '' order by p.version)) from postern_migrations p"
            let before = try names(connection, state)
            #expect(try migrator.up().isEmpty)
            #expect(try names(connection, state) == before)
            let plan = try migrator.status()
            #expect(plan.pending.isEmpty && plan.problems.isEmpty)
        }
    }

    @Test func up_toAVersion_stopsThere() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let files = [try file("0001", "create table a ();"), try file("0002", "create table b ();")]
            let migrator = Migrator(connection: connection, files: files)
            #expect(try migrator.up(to: "0001") == [files[0]])
            #expect(try migrator.up(to: "0001").isEmpty)
            #expect(try migrator.up(to: "0002") == [files[1]])
        }
    }

    @Test func up_whenAnAppliedFileChanged_refusesAndChangesNothing() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            _ = try Migrator(connection: connection, files: [try file("0001", "create table a ();")]).up()
            let edited = [try file("0001", "create table a (id int);"), try file("0002", "create table b ();")]
            let error = #expect(throws: MigrationError.self) {
                try Migrator(connection: connection, files: edited).up()
            }
            #expect(error?.code == .inconsistent)
            #expect(error?.description.contains("0001_step.sql was changed") == true)
            #expect(
                try tables(connection) == ["a", "postern_migrations", "postern_migrations_begun", "schema_migrations"]
            )
        }
    }

    @Test func up_whenAStatementFails_namesThePlace_andLeavesNothingOfTheFile() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let files = [
                try file("0001", "create table a ();"),
                try file("0002", "create table b ();\n-- ä comment\ninsert into b\n  values (nonsense);"),
                try file("0003", "create table c ();"),
            ]
            let error = #expect(throws: MigrationError.self) { try Migrator(connection: connection, files: files).up() }
            #expect(error?.code == .failed)
            #expect(error?.cause?.sqlState?.rawValue == "42703")
            #expect(error?.description.hasPrefix("0002_step.sql:5:11: ") == true, "\(error?.description ?? "")")
            #expect(error?.description.contains("\"nonsense\"") == true, "\(error?.description ?? "")")
            #expect(
                try tables(connection) == ["a", "postern_migrations", "postern_migrations_begun", "schema_migrations"]
            )
            #expect(try names(connection, "select version from schema_migrations") == ["0001"])

            // The connection is fit for use again, and a corrected file goes through.
            let corrected = [files[0], try file("0002", "create table b ();"), files[2]]
            #expect(try Migrator(connection: connection, files: corrected).up().map(\.version) == ["0002", "0003"])
        }
    }

    @Test func up_whenAFileCommitsUnseen_refuses() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            // The parameter is taken for the beginning of a body.
            let function = "create function f(begin atomic) returns int language sql as 'select 1'"
            let files = [try file("0001", "create domain atomic as int; \(function); commit; create table b ();")]
            let error = #expect(throws: MigrationError.self) { try Migrator(connection: connection, files: files).up() }
            #expect(error?.code == .failed)
            #expect(try names(connection, "select version from schema_migrations").isEmpty)
        }
    }

    @Test func up_withoutATransaction_runsCreateIndexConcurrently() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let files = [
                try file("0001", "create table a (id int);"),
                try .step("0002", alone: "create index concurrently a_id_idx on a (id);"),
            ]
            #expect(try Migrator(connection: connection, files: files).up().count == 2)
            #expect(try names(connection, "select indexname from pg_indexes where tablename = 'a'") == ["a_id_idx"])

            let inside = [files[0], files[1], try file("0003", "create index concurrently b on a (id);")]
            let error = #expect(throws: MigrationError.self) {
                try Migrator(connection: connection, files: inside).up()
            }
            #expect(error?.description.contains("cannot run inside a transaction block") == true)
        }
    }

    @Test func up_fromEightProcessesAtOnce_appliesEachFileOnce() async throws {
        try await TestDatabase.withEmpty { database in
            var files = try TestDatabase.migrations()
            files.append(
                try MigrationFile(
                    fileName: "0099_index.sql",
                    content: """
                        -- migrate:up transaction:false
                        create index concurrently extra_idx on users (created_at);
                        -- migrate:down
                        """
                )
            )
            let all = files
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await aside {
                            try Migrator(connection: try database.connect(), files: all).up().map(\.version)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.sorted() == all.map(\.version))
        }
    }

    @Test func up_whileAnotherMigratorWorks_saysThatItWaits_andGivesUpInTheEnd() async throws {
        try await TestDatabase.withEmpty { database in
            let other = try database.connect()
            let files = [try file("0001", "create table a ();")]
            var patience = MigratorPatience()
            patience.forMigrator = .zero
            let held = Recorder()
            let holder = Migrator(connection: other, files: files) { event in
                // The holder is in the middle of its work here: its lock is taken, its file is not applied yet.
                guard case .started = event else { return }
                held.error = #expect(throws: MigrationError.self) {
                    try Migrator(connection: try database.connect(), files: files, patience: patience) {
                        held.events.append($0)
                    }
                    .up()
                }
            }
            #expect(try holder.up().count == 1)
            #expect(held.error?.code == .lockTimeout)
            // Let go of after the work: the next one need not wait.
            #expect(
                try Migrator(connection: try database.connect(), files: files, patience: patience).up().isEmpty
            )
        }
    }

    @Test func up_whenATableIsLocked_rollsBackAndTriesAgain() async throws {
        try await TestDatabase.withEmpty { database in
            let (connection, user) = (try database.connect(), try database.connect())
            let first = try file("0001", "create table a ();")
            _ = try Migrator(connection: connection, files: [first]).up()
            try user.execute(script: "begin; lock table a")
            var patience = MigratorPatience()
            patience.forTableLock = .milliseconds(20)
            patience.betweenAttempts = .zero
            let events = Recorder()
            let files = [first, try file("0002", "create table b (); alter table a add column id int;")]
            let migrator = Migrator(connection: connection, files: files, patience: patience) { event in
                events.events.append(event)
                if events.events.count == 3 { try? user.execute(script: "rollback") }
            }
            #expect(try migrator.up() == [files[1]])
            #expect(events.events.prefix(3) == [.started(files[1], .up), .retrying(files[1]), .retrying(files[1])])
        }
    }

    @Test func up_whenATableIsLocked_onlyAConcurrentStatementWaitsOn() async throws {
        try await TestDatabase.withEmpty { database in
            let (connection, user) = (try database.connect(), try database.connect())
            let first = try file("0001", "create table a (id int); create table seen (setting text);")
            _ = try Migrator(connection: connection, files: [first]).up()
            var patience = MigratorPatience()
            patience.forTableLock = .milliseconds(20)
            patience.betweenAttempts = .zero
            let events = Recorder()
            let setting = "insert into seen select current_setting('lock_timeout')"
            let files = [
                first, try .step("0002", alone: "alter table a add column name text; \(setting);"),
                // What tells such a statement is the word.
                try .step("0003", alone: "\(setting) as concurrently;"),
                try .step("0004", alone: "/* not concurrently */ \(setting);"),
            ]
            try user.execute(script: "begin; lock table a")
            let migrator = Migrator(connection: connection, files: files, patience: patience) { event in
                events.events.append(event)
                if case .retrying = event { try? user.execute(script: "rollback") }
            }
            #expect(try migrator.up() == Array(files.dropFirst()))
            #expect(events.events.prefix(2) == [.started(files[1], .up), .retrying(files[1])])
            #expect(try names(connection, "select setting from seen") == ["20ms", "0", "20ms"])
            #expect(try names(connection, "show lock_timeout") == ["0"])
        }
    }

    @Test func up_hasNoneOfTheTimeoutsOfItsRole() async throws {
        try await TestDatabase.withEmpty { database in
            let timeouts = """
                from pg_settings where name ~ '^(statement|idle_session|idle_in_transaction_session|transaction)_timeout$'
                """
            try database.connect().execute(
                script: """
                    do $$
                    declare
                        timeout text;
                    begin
                        for timeout in select name \(timeouts) loop
                            execute format('alter database %I set %I = ''1h''', current_database(), timeout);
                        end loop;
                    end
                    $$
                    """
            )
            let connection = try database.connect()
            let settings = "select distinct setting \(timeouts)"
            #expect(try names(connection, settings) == ["3600000"])
            let step = try file("0001", "create table seen as \(settings);")
            _ = try Migrator(connection: connection, files: [step]).up()
            #expect(try names(connection, "select setting from seen") == ["0"])
        }
    }

    @Test func status_takesWhatDbmateApplied() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            try connection.execute(
                script: """
                    create table schema_migrations (version varchar(128) primary key);
                    insert into schema_migrations values ('0001');
                    create table a ()
                    """
            )
            let files = [try file("0001", "create table a ();"), try file("0002", "create table b ();")]
            let migrator = Migrator(connection: connection, files: files)
            #expect(try migrator.status().pending == [files[1]])
            #expect(try migrator.up() == [files[1]])
        }
    }

    /// What a reporting closure has heard; used by one thread at a time.
    private final class Recorder {
        var events: [MigrationEvent] = []
        var error: MigrationError?
    }
}
