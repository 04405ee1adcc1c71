// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Migrations
import Testing

/// What a migrator leaves that is killed, and what the next one makes of it.
@Suite struct MigratorInterruptionTests {
    /// Ends the session at a certain event: before each statement that changes the schema, at the end of building an index,
    /// and before a migration, or that it begins outside a transaction, is noted.
    ///
    /// A sequence counts them, because it forgets nothing when a transaction is rolled back; an unlogged one, because
    /// `drop index concurrently` must be the first to write in its transaction.
    private static let trap = """
        create table schema_migrations (version varchar(128) primary key);
        create table postern_migrations_begun (
            version varchar(128) constraint postern_migrations_begun_pkey primary key,
            direction text not null,
            checksum text not null,
            begun_at timestamptz not null
        );
        create schema trap;
        create unlogged sequence trap.countdown minvalue -1000 start -1000;
        create function trap.spring() returns void language plpgsql as $$
        begin
            if nextval('trap.countdown') = 0 then
                perform pg_terminate_backend(pg_backend_pid());
            end if;
        end
        $$;
        create function trap.on_note() returns trigger language plpgsql as $$
        begin
            perform trap.spring();
            return coalesce(new, old);
        end
        $$;
        create function trap.on_statement() returns event_trigger language plpgsql as $$
        begin
            perform trap.spring();
        end
        $$;
        create trigger trap before insert or delete on schema_migrations
        for each row execute function trap.on_note();
        create trigger trap before insert or update or delete on postern_migrations_begun
        for each row execute function trap.on_note();
        create event trigger trap_start on ddl_command_start execute function trap.on_statement();
        create event trigger trap_end on ddl_command_end when tag in ('CREATE INDEX')
        execute function trap.on_statement()
        """

    /// The next migrator would ask for the lock of a session that has not quite ended, and then again after 200 ms.
    private static let waitForTheLock = """
        do $$
        begin
            while exists (
                select from pg_locks l
                join pg_database d on d.oid = l.database
                where l.locktype = 'advisory' and d.datname = current_database()
            ) loop
                perform pg_sleep(0.001);
            end loop;
        end
        $$
        """

    /// Calls `body` again and again, each time killed one event later, until it gets through.
    ///
    /// - Returns: How often it was killed.
    private func killedEverywhere(_ database: TestDatabase, _ body: (Migrator) throws -> Void) throws -> Int {
        let control = try database.connect()
        let files = try TestDatabase.migrations()
        var (kills, event, applied) = (0, 1, "")
        while true {
            _ = try control.execute(.write("select setval('trap.countdown', $1)"), [.integer(Int64(-event))])
            do {
                try body(Migrator(connection: try database.connect(), files: files))
                return kills
            } catch {
                let cause = (error as? MigrationError)?.cause ?? error as? DatabaseError
                guard cause?.code == .unavailable, event < 100 else { throw error }
            }
            kills += 1
            try control.execute(script: Self.waitForTheLock)
            // Once a file is through, the next one begins.
            let now = try control.texts("select count(*)::text from schema_migrations")[0]
            event = now == applied ? event + 1 : 1
            applied = now
        }
    }

    @Test func up_killedAtEveryStatement_endsInTheSameSchema_andDownInNone() async throws {
        let schema = try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            _ = try Migrator(connection: connection, files: try TestDatabase.migrations()).up()
            return try SchemaDump(connection)
        }
        try await TestDatabase.withEmpty { database in
            try database.connect().execute(script: Self.trap)
            let kills = try await aside { try killedEverywhere(database) { migrator in _ = try migrator.up() } }
            #expect(kills > 260)
            let migrator = Migrator(connection: try database.connect(), files: try TestDatabase.migrations())
            #expect(try migrator.verify(against: schema) == [])
            #expect(try database.connect().texts("select version from postern_migrations_begun").isEmpty)

            let killsOfDown = try await aside {
                try killedEverywhere(database) { migrator in
                    let files = try migrator.status().filesToRollBack(to: "0000")
                    try migrator.down(to: "0000", expecting: files)
                }
            }
            #expect(killsOfDown > 75)
            #expect(
                try SchemaDump(try database.connect()).differences(from: schema).allSatisfy { $0.hasSuffix("missing") }
            )
        }
    }

    /// Leaves of ``trap`` what ends the session when a migration is noted, or the note is deleted.
    private static let onlyNotes = "drop event trigger trap_start; drop event trigger trap_end"
    private static let table = "create table a (id int); insert into a values (1), (1);"
    private static let index = "create unique index concurrently a_id_idx on a (id);"

    @Test func up_whenAnIndexBuildFailed_buildsItAgain() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let files = [try MigrationFile.step("0001", up: Self.table), try .step("0002", alone: Self.index)]
            var rebuilt: [String] = []
            let migrator = Migrator(connection: connection, files: files) { event in
                if case .rebuilding(let index) = event { rebuilt.append(index) }
            }
            let error = #expect(throws: MigrationError.self) { try migrator.up() }
            #expect(error?.cause?.code == .uniqueViolation)
            #expect(try migrator.status().entries.last?.unfinished == .up)
            #expect(try migrator.verify(against: nil).contains { $0.contains("a_id_idx is invalid") })

            try connection.execute(script: "delete from a where ctid = '(0,2)'")
            #expect(try migrator.up() == [files[1]])
            #expect(rebuilt == ["a_id_idx"])
            #expect(try migrator.verify(against: SchemaDump(connection)).isEmpty)
            #expect(try migrator.status().entries.allSatisfy { $0.unfinished == nil })
        }
    }

    @Test func up_whenAnIndexWasBuiltButNotNoted_takesIt() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let files = [
                try MigrationFile.step("0001", up: "create table a (id int);"), try .step("0002", alone: Self.index),
            ]
            try connection.execute(script: Self.trap)
            try connection.execute(script: Self.onlyNotes)
            try connection.execute(script: "select setval('trap.countdown', -3)")
            #expect(throws: (any Error).self) {
                try Migrator(connection: try database.connect(), files: files).up()
            }
            let build = "select relfilenode::text from pg_class where relname = 'a_id_idx'"
            let before = try connection.texts(build)
            #expect(before.count == 1)
            #expect(try connection.texts("select version from schema_migrations") == ["0001"])

            #expect(try Migrator(connection: connection, files: files).up() == [files[1]])
            #expect(try connection.texts(build) == before)
        }
    }

    @Test func up_whenAnIndexOfThatNameIsThereAlready_refusesToTakeIt() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            try connection.execute(script: "create table a (id int); create index a_id_idx on a (id)")
            let files = [try MigrationFile.step("0001", alone: Self.index)]
            let error = #expect(throws: MigrationError.self) {
                try Migrator(connection: connection, files: files).up()
            }
            #expect(error?.description.contains("\"a_id_idx\" already exists") == true)
        }
    }

    @Test func down_whenCutOffOutsideATransaction_mustBeFinished() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let files = [
                try MigrationFile.step("0001", up: "create table a (id int);", down: "drop table a;"),
                try .step("0002", alone: Self.index, down: "drop index concurrently if exists a_id_idx;"),
            ]
            try connection.execute(script: Self.trap)
            let migrator = Migrator(connection: connection, files: files)
            _ = try migrator.up()
            try connection.execute(script: Self.onlyNotes)
            try connection.execute(script: "select setval('trap.countdown', -2)")
            #expect(throws: (any Error).self) {
                try Migrator(connection: try database.connect(), files: files)
                    .down(to: nil, expecting: [files[1]])
            }
            #expect(try migrator.status().problems == [.halfRolledBack(fileName: "0002_step.sql")])
            let error = #expect(throws: MigrationError.self) { try migrator.up() }
            #expect(error?.code == .inconsistent)

            try migrator.down(to: nil, expecting: [files[1]])
            #expect(try migrator.up() == [files[1]])
            #expect(try migrator.verify(against: SchemaDump(connection)).isEmpty)
        }
    }
}
