// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Migrations
import Models
import Repositories
import Testing

@Suite struct SchemaTests {
    @Test func down_undoesUp_andUpAgainGivesTheSameSchema() async throws {
        try await TestDatabase.withEmpty { database in
            let connection = try database.connect()
            let files = try TestDatabase.migrations()
            let migrator = Migrator(connection: connection, files: files)
            _ = try migrator.up()
            let schema = try SchemaDump(connection).text

            try migrator.down(to: "0000", expecting: files.reversed())
            #expect(try !SchemaDump(connection).text.contains("create "))
            #expect(try connection.texts("select version from schema_migrations").isEmpty)
            #expect(try migrator.up() == files)
            #expect(try SchemaDump(connection).text == schema)
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
                    BuiltIn.Permission.tokensIntrospect, BuiltIn.Permission.auditRead,
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
