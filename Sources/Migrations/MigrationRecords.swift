// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database

/// The two tables in which the database remembers its migrations: dbmate's own, and ours beside it.
///
/// A row of ours goes with dbmate's, so that rolling back with dbmate leaves nothing that is wrong.
enum MigrationRecords {
    static func createTables(_ connection: BlockingConnection) throws(DatabaseError) {
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
                comment on table schema_migrations is 'Applied migrations, one a row, as dbmate keeps them.';
                comment on table postern_migrations is 'What Postern knows of the migrations that it applied.';
                comment on column postern_migrations.checksum is 'SHA-256 of the file, in hexadecimal.'
                """
        )
    }

    private static let tables = Statement.read(
        "select to_regclass('schema_migrations') is not null, to_regclass('postern_migrations') is not null"
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

    /// What was applied, oldest first; nothing on a database without the tables.
    static func read(_ connection: BlockingConnection) throws(DatabaseError) -> [AppliedMigration] {
        guard let tables = try connection.execute(tables).first, try tables.decode(0) else { return [] }
        let isOurs: Bool = try tables.decode(1)
        var applied: [AppliedMigration] = []
        for row in try connection.execute(isOurs ? records : versions).rows {
            applied.append(AppliedMigration(version: try row.decode(0), record: isOurs ? try record(row) : nil))
        }
        return applied
    }

    private static func record(_ row: Row) throws(DatabaseError) -> AppliedMigration.Record? {
        guard let name: String = try row.decode(1, as: String?.self) else { return nil }
        return AppliedMigration.Record(name: name, checksum: try row.decode(2), appliedAt: try row.decode(3))
    }

    private static let insertVersion = Statement.write("insert into schema_migrations (version) values ($1)")
    private static let insertRecord = Statement.write(
        """
        insert into postern_migrations (version, name, checksum, applied_at, duration_milliseconds)
        values ($1, $2, encode(sha256($3), 'hex'), now(), $4)
        """
    )

    /// Notes that `file` was applied; to be called in a transaction.
    static func insert(
        _ file: MigrationFile,
        took duration: Duration,
        _ connection: BlockingConnection
    ) throws(DatabaseError) {
        _ = try connection.execute(insertVersion, [.text(file.version)])
        _ = try connection.execute(
            insertRecord,
            [
                .text(file.version), .text(file.name), .bytes(Array(file.content.utf8)),
                .integer(duration.milliseconds),
            ]
        )
    }
}
