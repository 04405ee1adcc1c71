// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Migrations
import Models
import Repositories
import Testing

@Suite struct SchemaTests {
    /// Everything that makes up the schema, as text, but for the migrators' own tables.
    private static let description = Statement.read(
        """
        select coalesce(string_agg(line, E'\\n' order by line), '')
        from (
            select format('%s %s.%s %s %s %s %s', c.relkind, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                a.attnotnull, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)) as line, c.relname
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
            left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
            where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
            union all
            select format('%s %s %s', c.relname, c.reloptions, obj_description(c.oid)), c.relname
            from pg_class c
            where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
            union all
            select format('%s %s', conname, pg_get_constraintdef(oid)), conrelid::regclass::text
            from pg_constraint
            where connamespace = 'public'::regnamespace
            union all
            select indexdef, tablename from pg_indexes where schemaname = 'public'
            union all
            select pg_get_functiondef(oid), proname from pg_proc where pronamespace = 'public'::regnamespace
            union all
            select pg_get_triggerdef(t.oid), tgrelid::regclass::text
            from pg_trigger t
            where not t.tgisinternal
        ) lines
        where relname not in ('schema_migrations', 'postern_migrations')
        """
    )

    @Test func down_undoesUp_andUpAgainGivesTheSameSchema() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let files = try TestDatabase.migrations()
            let migrator = Migrator(connection: connection, files: files)
            _ = try migrator.up()
            let schema: String? = try connection.execute(Self.description).first?.decode(0)
            #expect(schema?.contains("users_email_key UNIQUE (email)") == true)

            for file in files.reversed() {
                try connection.execute(
                    script: "\(file.down.sql); delete from schema_migrations where version = '\(file.version)'"
                )
            }
            #expect(try connection.execute(Self.description).first?.decode(0) == "")
            #expect(try migrator.up() == files)
            #expect(try connection.execute(Self.description).first?.decode(0) == schema)
        }
    }

    @Test func seeds_areTheBuiltInOnes() async throws {
        try await TestDatabase.withMigrated { pool in
            let roles = try await pool.execute(
                .read("select name, grants_all_permissions from roles where is_built_in order by name")
            ).rows.map { row in (try row.decode(0, as: String.self), try row.decode(1, as: Bool.self)) }
            #expect(roles.map(\.0) == [BuiltIn.Role.admin, BuiltIn.Role.user])
            #expect(roles.map(\.1) == [true, false])

            let permissions = try await pool.execute(.read("select name from permissions where is_built_in"))
                .rows.map { row in try row.decode(0, as: String.self) }
            #expect(
                Set(permissions) == [
                    BuiltIn.Permission.usersRead, BuiltIn.Permission.usersWrite, BuiltIn.Permission.usersDelete,
                    BuiltIn.Permission.rolesRead, BuiltIn.Permission.rolesWrite, BuiltIn.Permission.rolesDelete,
                    BuiltIn.Permission.rolesAssign, BuiltIn.Permission.permissionsRead,
                    BuiltIn.Permission.permissionsWrite, BuiltIn.Permission.apiKeysManage,
                    BuiltIn.Permission.tokensIntrospect,
                ]
            )
        }
    }

    @Test func everyTableHasAComment() async throws {
        try await TestDatabase.withMigrated { pool in
            let bare = try await pool.execute(
                .read(
                    """
                    select relname from pg_class
                    where relnamespace = 'public'::regnamespace and relkind = 'r' and obj_description(oid) is null
                    """
                )
            ).rows.map { row in try row.decode(0, as: String.self) }
            #expect(bare.isEmpty)
        }
    }

    @Test func deletingAUser_removesWhatIsTheirs_andARoleInUseStays() async throws {
        try await TestDatabase.withMigrated { pool in
            let ada = try Sample.user()
            try await PostgresUserRepository(database: pool)
                .create(ada, roles: [BuiltIn.Role.admin], linkedTo: Sample.identity(subject: "1"))
            try await PostgresAPIKeyRepository(database: pool).create(
                Sample.key(owner: ada, roles: ["admin"], permissions: ["users:read"]),
                secretHash: Sample.hash(1)
            )
            let sessions = PostgresSessionRepository(database: pool)
            _ = try await sessions.open(
                Sample.session(of: ada),
                refreshTokenHash: Sample.hash(1),
                refreshTokenExpiresAt: Sample.now + .seconds(60)
            )
            try await sessions.createSignInLink(hash: Sample.hash(1), user: ada.id, expiresAt: Sample.now)
            let identities = PostgresIdentityRepository(database: pool)
            let second = try #require(
                try await identities.link(Sample.identity(subject: "2"), to: ada.id, at: Sample.now)
            )
            _ = try await identities.unlink(second.id, of: ada.id, at: Sample.now)

            let inUse = await databaseError {
                _ = try await pool.execute(.write("delete from roles where name = 'admin'"))
            }
            #expect(inUse?.constraint == "user_roles_role_id_fkey")

            _ = try await pool.execute(.write("delete from users where id = $1"), [.uuid(ada.id.uuid)])
            for table in [
                "oauth_accounts", "user_roles", "api_keys", "api_key_roles", "api_key_permissions", "sessions",
                "refresh_tokens", "sign_in_links", "user_search_terms", "unlinked_identities",
            ] {
                #expect(try await pool.count(table) == 0, "\(table)")
            }
        }
    }
}
