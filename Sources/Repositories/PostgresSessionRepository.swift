// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// Sessions in PostgreSQL: `sessions`, `refresh_tokens`, `used_login_states`, `sign_in_links`.
package struct PostgresSessionRepository: SessionRepository {
    let database: any StatementExecutor

    package init(database: any StatementExecutor) {
        self.database = database
    }

    /// `for share` waits for a transaction that deactivates the user at this moment and then sees what it did; without
    /// it, a session could slip in behind the one that ends them all.
    private static let open = Statement.write(
        """
        with opened as (
            insert into sessions (id, user_id, method, user_agent, created_at, last_used_at, expires_at, address)
            select $1, u.id, $3, left($4::text, 512), $5, $5, $6, $9::text::inet
            from users u
            where u.id = $2 and u.is_active
            for share of u
            returning id, created_at, expires_at
        )
        insert into refresh_tokens (token_hash, session_id, created_at, expires_at)
        select $7, id, created_at, least($8, expires_at)
        from opened
        """
    )

    package func open(
        _ session: Session,
        refreshTokenHash: [UInt8],
        refreshTokenExpiresAt: Timestamp
    ) async throws(DomainError) -> Bool {
        let result = try await database.run(
            Self.open,
            [
                .uuid(session.id.uuid), .uuid(session.userID.uuid), .text(session.method), .text(session.userAgent),
                .timestamp(session.createdAt), .timestamp(session.expiresAt), .bytes(refreshTokenHash),
                .timestamp(refreshTokenExpiresAt), .text(session.address),
            ]
        )
        return result.affectedRows == 1
    }

    /// The primary key decides: of several at once, one inserts, and the others wait for it and then do nothing.
    private static let consumeLoginState = Statement.write(
        """
        insert into used_login_states (state_hash, expires_at)
        values ($1, $2)
        on conflict (state_hash) do nothing
        """
    )

    package func consumeLoginState(hash: [UInt8], expiresAt: Timestamp) async throws(DomainError) -> Bool {
        try await database.run(Self.consumeLoginState, [.bytes(hash), .timestamp(expiresAt)]).affectedRows == 1
    }

    private static let createSignInLink = Statement.write(
        """
        insert into sign_in_links (token_hash, user_id, expires_at)
        values ($1, $2, $3)
        """
    )

    package func createSignInLink(
        hash: [UInt8],
        user: Identifier<User>,
        expiresAt: Timestamp
    ) async throws(DomainError) {
        _ = try await database.run(
            Self.createSignInLink,
            [.bytes(hash), .uuid(user.uuid), .timestamp(expiresAt)]
        )
    }

    /// Deleting is using: the second `delete` waits for the first, and finds nothing.
    private static let consumeSignInLink = Statement.write(
        """
        delete from sign_in_links
        where token_hash = $1 and expires_at > $2
        returning user_id
        """
    )

    package func consumeSignInLink(
        hash: [UInt8],
        at instant: Timestamp
    ) async throws(DomainError) -> Identifier<User>? {
        try await database.first(Self.consumeSignInLink, [.bytes(hash), .timestamp(instant)]) {
            row throws(DatabaseError) in try row.identifier(0)
        }
    }
}
