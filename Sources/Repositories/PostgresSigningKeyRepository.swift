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

    private static let all = Statement.read(
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
}
