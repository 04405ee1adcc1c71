// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database

/// The tables in which the database remembers its migrations: dbmate's own, and ours beside it.
///
/// A row of ours goes with dbmate's, so that rolling back with dbmate leaves nothing that is wrong.
enum MigrationRecords {
    /// Makes those that are missing.
    static func createTables(_ connection: BlockingConnection) throws(DatabaseError) {
        if let tables = try connection.execute(tables).first, try tables.decode(1), try tables.decode(2) { return }
        try connection.execute(
            script: """
                create table if not exists schema_migrations (
                    version varchar(128) primary key
                );
                create table if not exists postern_migrations (
                    version varchar(128) constraint postern_migrations_pkey primary key
                        constraint postern_migrations_version_fkey references schema_migrations on delete cascade,
                    name text not null,
                    checksum text not null,
                    applied_at timestamptz not null,
                    duration_milliseconds bigint not null
                );
                create table if not exists postern_migrations_begun (
                    version varchar(128) constraint postern_migrations_begun_pkey primary key,
                    direction text not null,
                    checksum text not null,
                    begun_at timestamptz not null
                );
                comment on table schema_migrations is 'Applied migrations, one a row, as dbmate keeps them.';
                comment on table postern_migrations is 'What Postern knows of the migrations that it applied.';
                comment on column postern_migrations.checksum is 'SHA-256 of the file, in hexadecimal.';
                comment on table postern_migrations_begun is
                    'Migrations that run outside a transaction, while they run; a row that stays was cut off.'
                """
        )
    }

    private static let tables = Statement.read(
        """
        select to_regclass('schema_migrations') is not null, to_regclass('postern_migrations') is not null,
            to_regclass('postern_migrations_begun') is not null
        """
    )
    private static let versions = Statement.read("select version from schema_migrations order by version")
    private static let records = Statement.read(
        """
        select s.version, p.name, p.checksum, p.applied_at
        from schema_migrations s
        left join postern_migrations p on p.version = s.version
        order by s.version
        """
    )
    private static let begun = Statement.read("select version, direction from postern_migrations_begun")

    /// What was applied, oldest first, and what began outside a transaction and did not end; nothing on a database without
    /// the tables.
    static func read(
        _ connection: BlockingConnection
    ) throws(DatabaseError) -> (applied: [AppliedMigration], unfinished: [String: MigrationDirection]) {
        guard let tables = try connection.execute(tables).first, try tables.decode(0) else { return ([], [:]) }
        let isOurs: Bool = try tables.decode(1)
        var applied: [AppliedMigration] = []
        for row in try connection.execute(isOurs ? records : versions).rows {
            applied.append(AppliedMigration(version: try row.decode(0), record: isOurs ? try record(row) : nil))
        }
        var unfinished: [String: MigrationDirection] = [:]
        if try tables.decode(2) {
            for row in try connection.execute(begun).rows {
                unfinished[try row.decode(0)] = MigrationDirection(rawValue: try row.decode(1))
            }
        }
        return (applied, unfinished)
    }

    private static func record(_ row: Row) throws(DatabaseError) -> AppliedMigration.Record? {
        guard let name: String = try row.decode(1, as: String?.self) else { return nil }
        return AppliedMigration.Record(name: name, checksum: try row.decode(2), appliedAt: try row.decode(3))
    }
}
