// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Migrations
import Testing

@Suite struct MigrationFileTests {
    private static let content = """
        -- Why this exists.

        -- migrate:up
        create table a (id int);
        -- A comment of the section.
        create table b (id int);

        -- migrate:down
        drop table b;
        drop table a;

        """

    @Test func init_splitsNameAndSections() throws {
        let file = try MigrationFile(fileName: "0042_create_a_and_b2.sql", content: Self.content)
        #expect(file.version == "0042")
        #expect(file.name == "create_a_and_b2")
        #expect(file.fileName == "0042_create_a_and_b2.sql")
        #expect(file.content == Self.content)
        #expect(file.up.sql == "create table a (id int);\n-- A comment of the section.\ncreate table b (id int);\n")
        #expect(file.up.firstLine == 4)
        #expect(file.up.isTransactional)
        #expect(file.down.sql == "drop table b;\ndrop table a;\n")
        #expect(file.down.firstLine == 9)
    }

    @Test func init_readsTransactionOption_perSection() throws {
        let file = try MigrationFile(
            fileName: "0001_add_index.sql",
            content: "-- migrate:up transaction:false\ncreate index\n--migrate:down  transaction:true \ndrop index\n"
        )
        #expect(!file.up.isTransactional)
        #expect(file.down.isTransactional)
    }

    @Test func init_takesWindowsLineEnds() throws {
        let file = try MigrationFile(
            fileName: "0001_a.sql",
            content: "-- migrate:up\r\nselect 1;\r\n-- migrate:down\r\n"
        )
        #expect(file.up.sql == "select 1;\r")
    }

    @Test(arguments: [
        "1_create_users.sql", "00001_create_users.sql", "0001-create-users.sql", "0001_CreateUsers.sql", "0001_.sql",
        "0001.sql", "0001_create_users.txt", "٠٠٠١_create_users.sql", "0001_create users.sql",
    ])
    func init_whenNameIsNotInTheFormat_throws(name: String) {
        let error = #expect(throws: MigrationError.self) {
            try MigrationFile(fileName: name, content: Self.content)
        }
        #expect(error?.code == .malformedFile)
        #expect(error?.description.hasPrefix(name) == true)
    }

    @Test(arguments: [
        ("select 1;\n-- migrate:up\nselect 1;\n-- migrate:down\n", "0001_a.sql:1: only comments"),
        ("-- migrate:down\n-- migrate:up\nselect 1;\n", "0001_a.sql:1: -- migrate:down stands before"),
        ("-- migrate:up\nselect 1;\n-- migrate:up\n", "0001_a.sql:3: -- migrate:up stands here a second time"),
        ("-- migrate:up\nselect 1;\n-- migrate:down\n-- migrate:down\n", "0001_a.sql:4: -- migrate:down stands here a"),
        ("-- migrate:up\nselect 1;\n-- migrate:down\n-- migrate:up\n", "0001_a.sql:4: -- migrate:up stands here a"),
        ("-- migrate:up\nselect 1;\n", "0001_a.sql:3: there is no -- migrate:down"),
        ("-- only a comment\n", "0001_a.sql:2: there is no -- migrate:up"),
        ("", "0001_a.sql:1: there is no -- migrate:up"),
        ("-- migrate:up\n-- nothing\n\n-- migrate:down\n", "0001_a.sql:5: there is no statement"),
        ("-- migrate:up transaction:no\nselect 1;\n-- migrate:down\n", "0001_a.sql:1: the only option"),
        ("-- migrate:sideways\n", "0001_a.sql:1: a marker is"),
        ("-- migrate: up\n", "0001_a.sql:1: a marker is"),
    ])
    func init_whenContentIsNotInTheFormat_namesTheLine(content: String, message: String) {
        let error = #expect(throws: MigrationError.self) {
            try MigrationFile(fileName: "0001_a.sql", content: content)
        }
        #expect(error?.code == .malformedFile)
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        "create table a ();\ncommit;", "BEGIN; select 1", "start transaction;", "select 1; /* all */ Rollback work;",
        "end;", "abort", "prepare transaction 'a';",
        "create function f() returns int begin atomic select case when true then 1 end; end; commit;",
    ])
    func init_whenItEndsItsTransaction_throws(sql: String) {
        for (up, down) in [(sql, "select 1;"), ("select 1;", sql)] {
            let error = #expect(throws: MigrationError.self) {
                try MigrationFile(fileName: "0001_a.sql", content: "-- migrate:up\n\(up)\n-- migrate:down\n\(down)")
            }
            #expect(error?.description.contains("there is a statement") == true)
        }
    }

    @Test(arguments: [
        "do $$ begin null; end $$;", "do $a$ begin; $$ ; commit; $a$;", "select 'a''; commit; ';",
        "-- ; commit;\nselect 1",
        #"select e'\'; commit;';"#, #"select e'a''\'; commit;';"#, #"select "; commit;" from a;"#,
        "/* ; /* commit; */ ; commit; */ select 1;",
        "savepoint a; rollback to a; rollback work to savepoint a; release a;", "prepare a as select 1;",
        "create function f() returns int begin atomic select case when true then 1 end; select 2; end;",
        "select $1; select 1 as \"end\";", "alter table a add column commit int; select commit from a;",
        "select 'open", "select $a$ open; commit;", "/* open; commit;",
    ])
    func init_whenOnlyWordsAreLikeIt_reads(sql: String) throws {
        let content = "-- migrate:up\nselect 1;\n-- migrate:down\n\(sql)"
        #expect(try MigrationFile(fileName: "0001_a.sql", content: content).down.sql == sql)
    }

    @Test(arguments: [(1, 4, 1), (8, 4, 8), (26, 5, 1), (30, 5, 5), (0, 4, 1)])
    func place_countsInTheFile(position: Int, line: Int, column: Int) throws {
        let file = try MigrationFile(fileName: "0001_a.sql", content: Self.content)
        let place = file.up.place(ofCharacter: position)
        #expect(place == (line, column))
    }

    @Test func place_countsCharactersNotBytes() throws {
        let file = try MigrationFile(
            fileName: "0001_a.sql",
            content: "-- migrate:up\nselect 'äöü', x;\n-- migrate:down\n"
        )
        #expect(file.up.place(ofCharacter: 15) == (2, 15))
    }
}
