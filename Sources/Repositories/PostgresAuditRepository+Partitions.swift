// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// The months of audit events. Functions of the database make and drop their tables, and say what that locks
/// (`migrations/0025`).
extension PostgresAuditRepository {
    private static let makePartition = Statement.write(
        """
        select make_audit_partition(
            ($1::timestamptz at time zone 'UTC' + $2::integer * interval '1 month') at time zone 'UTC'
        )
        """
    )

    package func makePartition(of instant: Timestamp, plus months: Int) async throws(DomainError) -> Bool {
        try await database.first(Self.makePartition, [.timestamp(instant), .integer(Int64(months))]) {
            row throws(DatabaseError) in try row.decode(0)
        } ?? false
    }

    /// By its id, which says what partition it belongs to.
    private static let oldestWithoutPartition = Statement.read(
        """
        select to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0)
        from audit_events_default
        order by id
        limit 1
        """
    )

    package func oldestWithoutPartition() async throws(DomainError) -> Timestamp? {
        try await database.first(Self.oldestWithoutPartition, []) { row throws(DatabaseError) in try row.decode(0) }
    }

    private static let dropPartition = Statement.write("select drop_audit_partition($1)")

    package func dropPartition(before instant: Timestamp) async throws(DomainError) -> String? {
        try await database.first(Self.dropPartition, [.timestamp(instant)]) { row throws(DatabaseError) -> String? in
            try row.decode(0)
        } ?? nil
    }
}
