// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// One-time codes in PostgreSQL: `authorization_codes`.
package struct PostgresAuthorizationCodeRepository: AuthorizationCodeRepository {
    private let database: any StatementExecutor

    package init(database: any StatementExecutor) {
        self.database = database
    }

    /// Each makes room for more than itself, so that the table stays as small as a minute's sign-ins.
    ///
    /// `skip locked`, because several would otherwise wait for each other.
    private static let create = Statement.write(
        """
        with expired as (
            select code_hash
            from authorization_codes
            where expires_at < $7
            order by expires_at
            limit 10
            for update skip locked
        ), removed as (
            delete from authorization_codes c
            using expired
            where c.code_hash = expired.code_hash
        )
        insert into authorization_codes (code_hash, user_id, method, redirect_uri, code_challenge, expires_at)
        select $1, id, $3, $4, $5, $6
        from users
        where id = $2 and is_active
        """
    )

    package func create(
        _ code: AuthorizationCode,
        hash: [UInt8],
        at instant: Timestamp
    ) async throws(DomainError) -> Bool {
        let result = try await database.run(
            Self.create,
            [
                .bytes(hash), .uuid(code.userID.uuid), .text(code.method), .text(code.redirectURI),
                .text(code.codeChallenge), .timestamp(code.expiresAt), .timestamp(instant),
            ]
        )
        return result.affectedRows == 1
    }

    /// Of several at once, one updates; the others wait until its transaction is over, look again, and find nothing.
    private static let consume = Statement.write(
        """
        update authorization_codes
        set used_at = $3, session_id = $2
        where code_hash = $1 and expires_at > $3 and used_at is null
        returning user_id, method, redirect_uri, code_challenge, expires_at
        """
    )

    package func consume(
        hash: [UInt8],
        for session: Identifier<Session>,
        at instant: Timestamp
    ) async throws(DomainError) -> AuthorizationCode? {
        try await database.first(
            Self.consume,
            [.bytes(hash), .uuid(session.uuid), .timestamp(instant)]
        ) { row throws(DatabaseError) in
            AuthorizationCode(
                userID: try row.identifier(0),
                method: try row.decode(1),
                redirectURI: try row.decode(2),
                codeChallenge: try row.decode(3),
                expiresAt: try row.decode(4)
            )
        }
    }

    /// A statement of its own: the one that waited for the first use would not see the session that was opened meanwhile.
    private static let endSession = Statement.write(
        """
        update sessions s
        set ended_at = $2
        from authorization_codes c
        where c.code_hash = $1 and c.expires_at > $2 and s.id = c.session_id
            and s.ended_at is null and s.expires_at > $2
        returning s.id, s.user_id
        """
    )

    package func endSession(
        ofCode hash: [UInt8],
        at instant: Timestamp
    ) async throws(DomainError) -> (id: Identifier<Session>, userID: Identifier<User>)? {
        try await database.first(Self.endSession, [.bytes(hash), .timestamp(instant)]) { row throws(DatabaseError) in
            (id: try row.identifier(0), userID: try row.identifier(1))
        }
    }
}
