// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// Signing keys in PostgreSQL: `signing_keys`.
package struct PostgresSigningKeyRepository: SigningKeyRepository {
    private let database: any StatementExecutor

    package init(database: any StatementExecutor) {
        self.database = database
    }

    private static let all = Statement.list(
        """
        select kid, wrapped_private_key, created_at, activates_at, retired_at
        from signing_keys
        order by number
        """
    )

    package func all() async throws(DomainError) -> [SigningKeyRecord] {
        try await database.all(Self.all, []) { row throws(DatabaseError) in
            SigningKeyRecord(
                kid: try row.decode(0),
                wrappedPrivateKey: try row.decode(1),
                createdAt: try row.decode(2),
                activatesAt: try row.decode(3),
                retiredAt: try row.decode(4)
            )
        }
    }

    /// Several at once: each sees the keys that were committed when its statement began (read committed).
    ///
    /// One that began after another had committed sees that key and selects nothing. Those that began before it all
    /// compute the same `number`; its unique constraint lets one of them in, and the others wait for that one and then
    /// do nothing. No lock is taken that could be forgotten, and a later key in a staged rotation simply has the next
    /// number.
    private static let insertFirst = Statement.write(
        """
        insert into signing_keys (kid, number, wrapped_private_key, created_at, activates_at, retired_at)
        select $1, coalesce((select max(number) from signing_keys), 0) + 1, $2, $3, $4, $5
        where not exists (select from signing_keys where retired_at is null)
        on conflict (number) do nothing
        """
    )

    package func insertFirst(_ key: SigningKeyRecord) async throws(DomainError) -> Bool {
        let result = try await database.run(
            Self.insertFirst,
            [
                .text(key.kid), .bytes(key.wrappedPrivateKey), .timestamp(key.createdAt), .timestamp(key.activatesAt),
                .timestamp(key.retiredAt),
            ]
        )
        return result.affectedRows == 1
    }

    /// Several at once: the row of the predecessor lets one of them through.
    ///
    /// The others wait for it, find that the row has an end by then, and insert nothing.
    private static let insertSuccessor = Statement.write(
        """
        with predecessor as (
            update signing_keys
            set retired_at = $4
            where kid = $5 and retired_at is null
            returning number
        )
        insert into signing_keys (kid, number, wrapped_private_key, created_at, activates_at)
        select $1, predecessor.number + 1, $2, $3, $4
        from predecessor
        """
    )

    package func insertSuccessor(
        _ key: SigningKeyRecord,
        of kid: String
    ) async throws(DomainError) -> Bool {
        let result = try await database.run(
            Self.insertSuccessor,
            [
                .text(key.kid), .bytes(key.wrappedPrivateKey), .timestamp(key.createdAt), .timestamp(key.activatesAt),
                .text(kid),
            ]
        )
        return result.affectedRows == 1
    }

    /// Several at once, or beside the other two: they take the same `number`, and its unique constraint lets one of
    /// them in.
    ///
    /// The rows are locked before anything is inserted, as ``insertSuccessor`` does it: the other way round the two
    /// would wait for each other. When the newest is gone by then, others replaced all of them meanwhile, perhaps more
    /// than once, so that the number is free again: then nothing is inserted. Nothing is deleted unless the new key is in.
    private static let replaceAll = Statement.write(
        """
        with locked as (
            select number from signing_keys order by number for update
        ), newest as (
            select (select coalesce(max(number), 0) from signing_keys) as number,
                (select coalesce(max(number), 0) from locked) as locked
        ), inserted as (
            insert into signing_keys (kid, number, wrapped_private_key, created_at, activates_at)
            select $1, newest.number + 1, $2, $3, $4
            from newest
            where newest.locked = newest.number
            on conflict (number) do nothing
            returning number
        ), removed as (
            delete from signing_keys k
            using inserted
            where k.number < inserted.number
        )
        select count(*) from inserted
        """
    )

    package func replaceAll(with key: SigningKeyRecord) async throws(DomainError) -> Bool {
        let inserted = try await database.first(
            Self.replaceAll,
            [
                .text(key.kid), .bytes(key.wrappedPrivateKey), .timestamp(key.createdAt), .timestamp(key.activatesAt),
            ]
        ) { row throws(DatabaseError) in try row.decode(0, as: Int.self) }
        return inserted == 1
    }

    private static let rewrap = Statement.write(
        """
        update signing_keys
        set wrapped_private_key = $3
        where kid = $1 and wrapped_private_key = $2
        """
    )

    package func rewrap(_ kid: String, from old: [UInt8], to new: [UInt8]) async throws(DomainError) {
        _ = try await database.run(Self.rewrap, [.text(kid), .bytes(old), .bytes(new)])
    }

    private static let remove = Statement.write(
        """
        delete from signing_keys
        where retired_at <= $1
        """
    )

    package func remove(retiredBy instant: Timestamp) async throws(DomainError) {
        _ = try await database.run(Self.remove, [.timestamp(instant)])
    }
}
