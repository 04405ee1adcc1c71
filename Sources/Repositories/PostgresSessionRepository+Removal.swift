// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// What is over is removed a thousand rows at a time: a statement must end before its deadline however much there is.
///
/// The limits are no parameters, because the planner would take one for a tenth of the table. `skip locked`: several
/// workers do this at once, and none of them waits for a request.
extension PostgresSessionRepository {
    /// States of sign-ins that are refused by their own age now.
    package static let removeLoginStates = Statement.write(
        """
        with expired as materialized (
            select state_hash
            from used_login_states
            where expires_at < $1
            order by expires_at
            limit 1000
            for update skip locked
        )
        delete from used_login_states s
        using expired
        where s.state_hash = expired.state_hash
        """
    )

    /// Links that nobody used in time.
    package static let removeSignInLinks = Statement.write(
        """
        with expired as materialized (
            select token_hash
            from sign_in_links
            where expires_at < $1
            order by expires_at
            limit 1000
            for update skip locked
        )
        delete from sign_in_links l
        using expired
        where l.token_hash = expired.token_hash
        """
    )

    package func removeExpired(before instant: Timestamp) async throws(DomainError) {
        try await database.runUntilNothingIsLeft(Self.removeLoginStates, [.timestamp(instant)])
        try await database.runUntilNothingIsLeft(Self.removeSignInLinks, [.timestamp(instant)])
    }

    package static let removeRefreshTokens = Statement.write(
        """
        with expired as materialized (
            select token_hash
            from refresh_tokens
            where expires_at < $1
            order by expires_at
            limit 1000
            for update skip locked
        )
        delete from refresh_tokens t
        using expired
        where t.token_hash = expired.token_hash
        """
    )

    package func removeRefreshTokens(expiredBefore instant: Timestamp) async throws(DomainError) -> Int {
        try await database.run(Self.removeRefreshTokens, [.timestamp(instant)]).affectedRows
    }

    /// The tokens of a session go first: left to the foreign key, any number of them would go at once.
    package static let removeSessions = Statement.write(
        """
        with over as materialized (
            select id
            from sessions
            where least(ended_at, expires_at) < $1
            order by least(ended_at, expires_at)
            limit 1000
            for update skip locked
        ), found as materialized (
            select over.id, t.token_hash
            from over
            left join lateral (
                select token_hash
                from refresh_tokens
                where session_id = over.id
                limit 1000
            ) t on true
            limit 1000
        ), emptied as (
            delete from refresh_tokens t
            using found
            where t.token_hash = found.token_hash
        ), removed as (
            delete from sessions s
            using found
            where s.id = found.id and found.token_hash is null
        )
        select count(*) from found
        """
    )

    package func removeSessions(overBefore instant: Timestamp) async throws(DomainError) -> Int {
        try await database.first(Self.removeSessions, [.timestamp(instant)]) { row throws(DatabaseError) in
            try row.decode(0)
        } ?? 0
    }
}
