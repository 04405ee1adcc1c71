// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

import struct FoundationEssentials.UUID

/// Revocations in PostgreSQL: `revocations`, which triggers write.
package struct PostgresRevocationRepository: RevocationRepository {
    /// Revocations of a page.
    package static let pageSize = 5000

    private let database: any StatementExecutor
    private let reader: any StatementExecutor

    /// - Parameters:
    ///   - database: What removes.
    ///   - reader: What reads, when that is to wait for nothing else; nil for `database`.
    package init(database: any StatementExecutor, reader: (any StatementExecutor)? = nil) {
        self.database = database
        self.reader = reader ?? database
    }

    /// One statement, so that horizon and rows are of one snapshot.
    ///
    /// The left join gives the horizon when there are no rows, and the limit keeps the planner with the primary key.
    package static let page = Statement.list(
        """
        select pg_snapshot_xmin(s.snapshot), r.xid, r.kind, r.subject
        from (select pg_current_snapshot() as snapshot) s
        left join lateral (
            select xid, kind, subject
            from revocations
            where (xid, kind, subject) > ($1::xid8, $2::text collate "C", $3::uuid)
            order by xid, kind, subject
            limit $4
        ) r on true
        """
    )

    package func page(from transaction: Int64, after last: Revocation?) async throws(DomainError) -> RevocationPage {
        // Before every kind, so that the first revocation of the transaction is included.
        let place = last ?? Revocation(transaction: transaction, kind: "", subject: Self.noSubject)
        let parameters: [Parameter] = [
            .text("\(place.transaction)"), .text(place.kind), .uuid(place.subject), .integer(Int64(Self.pageSize)),
        ]
        var horizon: Int64 = 0
        let revocations = try await reader.all(Self.page, parameters) { row throws(DatabaseError) -> Revocation? in
            horizon = try row.decode(0)
            guard let transaction: Int64 = try row.decode(1) else { return nil }
            return Revocation(transaction: transaction, kind: try row.decode(2), subject: try row.decode(3))
        }.compactMap { $0 }
        return RevocationPage(
            horizon: horizon,
            revocations: revocations,
            isFull: revocations.count == Self.pageSize
        )
    }

    private static let noSubject = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    /// Removes a thousand that are old enough.
    package static let remove = Statement.write(
        """
        with old as materialized (
            select xid, kind, subject
            from revocations
            where created_at < $1
            order by created_at
            limit 1000
            for update skip locked
        )
        delete from revocations r
        using old
        where r.xid = old.xid and r.kind = old.kind and r.subject = old.subject
        """
    )

    package func remove(before instant: Timestamp) async throws(DomainError) {
        try await database.runUntilNothingIsLeft(Self.remove, [.timestamp(instant)])
    }
}
