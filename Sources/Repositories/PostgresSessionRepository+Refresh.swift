// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

extension PostgresSessionRepository {
    private static let sessionOfToken = Statement.read(
        """
        select s.id, s.user_id, s.method, s.user_agent, host(s.address), s.created_at, s.last_used_at, s.expires_at
        from refresh_tokens t
        join sessions s on s.id = t.session_id
        where t.token_hash = $1 and s.ended_at is null
        """
    )

    package func session(refreshTokenHash: [UInt8]) async throws(DomainError) -> Session? {
        try await database.first(Self.sessionOfToken, [.bytes(refreshTokenHash)]) { row throws(DatabaseError) in
            try row.session()
        }
    }

    /// With the user as ``PostgresUserRepository/profile`` reads it.
    package static let sessionAndUserOfToken = Statement.read(
        """
        select s.id, s.user_id, s.method, s.user_agent, host(s.address), s.created_at, s.last_used_at, s.expires_at,
            u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at,
            array(select name from roles where id = any(held.roles)),
            case when exists (select from roles where id = any(held.roles) and grants_all_permissions)
                then array(select name from permissions)
                else array(
                    select name
                    from permissions
                    where id = any(array(select permission_id from role_permissions where role_id = any(held.roles)))
                )
            end
        from refresh_tokens t
        join sessions s on s.id = t.session_id
        join users u on u.id = s.user_id
        cross join lateral (select array(select role_id from user_roles where user_id = u.id) as roles offset 0) held
        where t.token_hash = $1 and s.ended_at is null
        """
    )

    package func sessionAndUser(refreshTokenHash: [UInt8]) async throws(DomainError) -> (Session, UserProfile)? {
        try await database.first(Self.sessionAndUserOfToken, [.bytes(refreshTokenHash)]) { row throws(DatabaseError) in
            let profile = UserProfile(user: try row.user(from: 8), grants: try row.grants(roles: 15, permissions: 16))
            return (try row.session(), profile)
        }
    }

    /// One statement decides what the token is worth and does what follows.
    ///
    /// The session is locked first, as by whoever ends it: a refresh and a sign-out at the same moment happen one after
    /// the other. `for update` then gives the newest version of the token, also of one that was used while this statement
    /// waited; the parts below must go by `shown` alone, because what they see themselves is older.
    private static let use = Statement.groupedWrite(
        """
        with family as materialized (
            select id, expires_at
            from sessions
            where id = $1 and ended_at is null and expires_at > $6
            for no key update
        ), shown as materialized (
            select t.token_hash, t.session_id, t.replaces, t.used_at, t.expires_at, t.sealed_pair
            from family
            join refresh_tokens t on t.session_id = family.id
            where t.token_hash = $2
            for update of t
        ), used as (
            update refresh_tokens t
            set used_at = $6, replaced_by = $3, sealed_pair = $5
            from shown
            where t.token_hash = shown.token_hash and shown.used_at is null and shown.expires_at > $6
            returning t.token_hash, t.session_id, shown.replaces
        ), successor as (
            insert into refresh_tokens (token_hash, session_id, replaces, created_at, expires_at)
            select $3, used.session_id, used.token_hash, $6, least($4, family.expires_at)
            from used
            cross join family
        ), forgotten as (
            update refresh_tokens t
            set sealed_pair = null
            from used
            where t.token_hash = used.replaces and t.used_at <= $7
        ), seen as (
            update sessions s
            set last_used_at = $6, user_agent = left($8::text, 512), address = $9::text::inet
            from used
            where s.id = used.session_id
        )
        select exists (select from used), used_at <= $7, case when used_at > $7 then sealed_pair end
        from shown
        """
    )

    package func use(_ use: RefreshTokenUse) async throws(DomainError) -> RefreshTokenUse.Outcome {
        let outcome: RefreshTokenUse.Outcome? = try await database.first(
            Self.use,
            [
                .uuid(use.session.uuid), .bytes(use.tokenHash), .bytes(use.successorHash),
                .timestamp(use.successorExpiresAt), .bytes(use.sealedPair), .timestamp(use.instant),
                .timestamp(use.forgivenSince), .text(use.userAgent), .text(use.address),
            ]
        ) { row throws(DatabaseError) in
            if try row.decode(0) { return .used }
            if try row.decode(1, as: Bool?.self) ?? false { return .reused }
            guard let pair = try row.decode(2, as: [UInt8]?.self) else { return .refused }
            return .repeated(sealedPair: pair)
        }
        return outcome ?? .refused
    }
}

extension Row {
    /// The session in the first eight columns: id, user_id, method, user_agent, address, created_at, last_used_at,
    /// expires_at.
    func session() throws(DatabaseError) -> Session {
        Session(
            id: try identifier(0),
            userID: try identifier(1),
            method: try decode(2),
            userAgent: try decode(3),
            address: try decode(4),
            createdAt: try decode(5),
            lastUsedAt: try decode(6),
            expiresAt: try decode(7)
        )
    }
}
