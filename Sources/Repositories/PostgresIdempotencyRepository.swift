// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// Answers to requests that may be sent again, in PostgreSQL: `idempotency_keys`.
package struct PostgresIdempotencyRepository: IdempotencyRepository {
    private let database: any StatementExecutor

    package init(database: any StatementExecutor) {
        self.database = database
    }

    /// The primary key decides: of several at once one inserts, and the others wait until its transaction is over.
    ///
    /// When that rolled back, the next one inserts. When it committed, the row stays locked for whoever waited, also
    /// where the condition does not hold, so that what is read next is still there. A key without an answer was taken by
    /// somebody who should have stored one; it is as good as free.
    private static let take = Statement.write(
        """
        insert into idempotency_keys as k (key_hash, fingerprint, expires_at)
        values ($1, $2, $4)
        on conflict (key_hash) do update
        set fingerprint = excluded.fingerprint, sealed_reply = null, expires_at = excluded.expires_at
        where k.expires_at <= $3 or k.sealed_reply is null
        """
    )

    private static let reply = Statement.read(
        """
        select fingerprint, sealed_reply
        from idempotency_keys
        where key_hash = $1
        """
    )

    package func take(
        keyHash: [UInt8],
        fingerprint: [UInt8],
        at instant: Timestamp,
        expiresAt: Timestamp
    ) async throws(DomainError) -> StoredReply? {
        let taken = try await database.run(
            Self.take,
            [.bytes(keyHash), .bytes(fingerprint), .timestamp(instant), .timestamp(expiresAt)]
        )
        guard taken.affectedRows == 0 else { return nil }
        let stored = try await database.first(Self.reply, [.bytes(keyHash)]) { row throws(DatabaseError) in
            StoredReply(fingerprint: try row.decode(0), sealedReply: try row.decode(1))
        }
        guard let stored else { throw Self.notTaken }
        return stored
    }

    private static let store = Statement.write(
        """
        update idempotency_keys
        set sealed_reply = $2
        where key_hash = $1
        """
    )

    package func store(_ sealedReply: String, keyHash: [UInt8]) async throws(DomainError) {
        let stored = try await database.run(Self.store, [.bytes(keyHash), .text(sealedReply)])
        guard stored.affectedRows == 1 else { throw Self.notTaken }
    }

    private static let notTaken = DomainError(
        .internal,
        "Something went wrong on our side.",
        cause: DatabaseError(.decoding, detail: "an idempotency key is not there that this transaction has taken")
    )

    /// Removes a thousand that have expired, and none that a request holds.
    package static let removeExpired = Statement.write(
        """
        with expired as materialized (
            select key_hash
            from idempotency_keys
            where expires_at < $1
            order by expires_at
            limit 1000
            for update skip locked
        )
        delete from idempotency_keys k
        using expired
        where k.key_hash = expired.key_hash
        """
    )

    package func removeExpired(before instant: Timestamp) async throws(DomainError) {
        try await database.runUntilNothingIsLeft(Self.removeExpired, [.timestamp(instant)])
    }
}
