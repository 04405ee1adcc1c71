// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database

extension MigrationRecords {
    private static let insertVersion = Statement.write(
        "insert into schema_migrations (version) values ($1) on conflict (version) do nothing"
    )
    private static let insertRecord = Statement.write(
        """
        insert into postern_migrations (version, name, checksum, applied_at, duration_milliseconds)
        values ($1, $2, encode(sha256($3), 'hex'), now(), $4)
        """
    )
    private static let deleteVersion = Statement.write("delete from schema_migrations where version = $1")
    private static let beginRun = Statement.write(
        """
        with earlier as (
            select checksum from postern_migrations_begun where version = $1 and direction = $2
        )
        insert into postern_migrations_begun as b (version, direction, checksum, begun_at)
        values ($1, $2, encode(sha256($3), 'hex'), now())
        on conflict (version) do update
        set direction = excluded.direction, checksum = excluded.checksum, begun_at = excluded.begun_at
        returning exists (select from earlier e where e.checksum = b.checksum)
        """
    )
    private static let endRun = Statement.write("delete from postern_migrations_begun where version = $1")

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

    /// Notes that `file` was rolled back.
    static func delete(_ file: MigrationFile, _ connection: BlockingConnection) throws(DatabaseError) {
        _ = try connection.execute(deleteVersion, [.text(file.version)])
    }

    /// Notes that `file` begins to run outside a transaction.
    ///
    /// - Returns: Whether it began before, with the same content and in the same direction, and did not end.
    static func begin(
        _ file: MigrationFile,
        _ direction: MigrationDirection,
        _ connection: BlockingConnection
    ) throws(DatabaseError) -> Bool {
        let parameters: [Parameter] = [
            .text(file.version), .text(direction.rawValue), .bytes(Array(file.content.utf8)),
        ]
        return try connection.execute(beginRun, parameters).first?.decode(0) ?? false
    }

    /// Notes that `file` has run to its end.
    static func end(_ file: MigrationFile, _ connection: BlockingConnection) throws(DatabaseError) {
        _ = try connection.execute(endRun, [.text(file.version)])
    }
}
