// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

extension PostgresSessionRepository {
    private static let find = Statement.read(
        """
        select id, user_id, method, user_agent, host(address), created_at, last_used_at, expires_at
        from sessions
        where id = $1 and ended_at is null
        """
    )

    package func find(_ id: Identifier<Session>) async throws(DomainError) -> Session? {
        try await database.first(Self.find, [.uuid(id.uuid)]) { row throws(DatabaseError) in try row.session() }
    }

    /// A page of one user's sessions; the conditions are those of the lists of API keys.
    package static let list = Statement.list(
        """
        select id, user_id, method, user_agent, host(address), created_at, last_used_at, expires_at
        from sessions
        where user_id >= $3
            and (user_id, id) < ($3, coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
            and ended_at is null and expires_at > $4
        order by user_id desc, id desc
        limit $2
        """
    )

    package func list(
        of user: Identifier<User>,
        at instant: Timestamp,
        after: Identifier<Session>?,
        limit: Int
    ) async throws(DomainError) -> [Session] {
        try await database.all(
            Self.list,
            [.uuid(after?.uuid), .integer(Int64(limit)), .uuid(user.uuid), .timestamp(instant)]
        ) { row throws(DatabaseError) in try row.session() }
    }

    private static let end = Statement.write(
        """
        update sessions
        set ended_at = $3
        where id = $1 and user_id = $2 and ended_at is null and expires_at > $3
        """
    )

    package func end(
        _ id: Identifier<Session>,
        of user: Identifier<User>,
        at instant: Timestamp
    ) async throws(DomainError) -> Bool {
        try await database.run(Self.end, [.uuid(id.uuid), .uuid(user.uuid), .timestamp(instant)]).affectedRows == 1
    }

    /// A code that waits to be swapped would be a session that outlives the others.
    private static let endAll = Statement.write(
        """
        with unswapped as (
            delete from authorization_codes where user_id = $1 and used_at is null
        )
        update sessions set ended_at = $2 where user_id = $1 and ended_at is null
        """
    )

    @discardableResult
    package func endAll(of user: Identifier<User>, at instant: Timestamp) async throws(DomainError) -> Int {
        try await database.run(Self.endAll, [.uuid(user.uuid), .timestamp(instant)]).affectedRows
    }
}
