// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Migrations
import Testing

/// What the migration of the search terms does to a database that has users.
@Suite struct UserSearchTermsTests {
    private static let insert = """
        insert into users (id, email, display_name, is_active, created_at, updated_at)
        values (gen_random_uuid(), '%', 'Ann Lee', false, now(), now())
        """

    private func insert(_ email: String) -> String {
        Self.insert.split(separator: "%").joined(separator: email)
    }

    private let terms = Statement.read(
        """
        select string_agg(term || ' ' || shared || ' ' || t.is_active, ', ' order by term)
        from users u
        left join user_search_terms t on t.user_id = u.id
        group by u.id
        order by u.email
        """
    )

    private let expected = [
        "@x.org 0 false, ann lee 0 false, ann@x.org 3 false, lee 0 false, org 0 false, x.org 0 false",
        "@x.org 0 false, ann lee 0 false, bob@x.org 0 false, lee 0 false, org 0 false, x.org 0 false",
    ]

    @Test func usersFromBefore_getTheSameTermsAsLaterOnes() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let files = try TestDatabase.migrations()
            _ = try Migrator(connection: connection, files: files.filter { $0.version < "0007" }).up()
            try connection.execute(script: insert("ann@x.org"))
            _ = try Migrator(connection: connection, files: files.filter { $0.version < "0008" }).up()
            // While the terms of those from before are still missing.
            try connection.execute(script: insert("bob@x.org"))
            _ = try Migrator(connection: connection, files: files).up()
            let found = try connection.execute(terms).rows.map { row in try row.decode(0, as: String.self) }
            #expect(found == expected)
        }
    }

    /// While 0024 gave all others the terms of its function.
    @Test func usersWithTheOldTerms_getThoseOfTheFunction() async throws {
        let migrations = try TestDatabase.migrations()
        try await TestDatabase.withEmpty { database in
            let (connection, writer) = (try database.connect(), try database.connect())
            _ = try Migrator(connection: connection, files: migrations.filter { $0.version < "0024" }).up()
            let named = Self.insert.replacing("%", with: "ann@x.org").replacing("Ann Lee", with: "Ann@x.org")
            try writer.execute(script: "begin; \(named)")
            async let migrated = aside {
                try Migrator(connection: try database.connect(), files: migrations).up().count
            }
            try await aside { try database.connect().execute(script: Self.waitForTheTableLock) }
            try writer.execute(script: "commit")
            #expect(try await migrated == migrations.filter { $0.version >= "0024" }.count)

            let terms = "select term || shared from user_search_terms order by 1"
            #expect(try connection.texts(terms) == ["@x.org0", "ann@x.org0", "org0", "x.org0"])
        }
    }

    private static let waitForTheTableLock = """
        do $$
        begin
            while not exists (
                select from pg_locks where relation = 'users'::regclass and mode = 'AccessExclusiveLock' and not granted
            ) loop
                perform pg_sleep(0.001);
            end loop;
        end
        $$
        """

    @Test func theTrigger_worksInAnySchema_andUsesNothingOfSomebodyElse() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            // Functions that would hide those of the system, and a path on which they come first.
            try connection.execute(
                script: """
                    create schema app;
                    set search_path = app, public, pg_catalog;
                    create function public.lower(text) returns text language sql immutable return 'hidden';
                    create function public.length(text) returns integer language sql immutable return 7;
                    create function app.starts_with(text, text) returns boolean language sql immutable return true
                    """
            )
            try connection.execute(script: "set search_path = app")
            _ = try Migrator(connection: connection, files: try TestDatabase.migrations()).up()
            try connection.execute(script: "set search_path = public, app, pg_catalog")
            try connection.execute(script: insert("ann@x.org"))
            let found = try connection.execute(terms).rows.map { row in try row.decode(0, as: String.self) }
            #expect(found == [expected[0]])
            let direct = "select count(*) from user_search_terms_of('ann@x.org', 'Ann Lee')"
            #expect(try connection.execute(.read(direct)).first?.decode(0, as: Int.self) == 6)
        }
    }
}
