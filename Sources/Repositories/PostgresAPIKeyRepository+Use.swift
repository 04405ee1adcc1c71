// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// What happens when a key is shown.
extension PostgresAPIKeyRepository {
    /// The key by its HMAC, with the roles and permissions of the key and of its owner; a role that grants all
    /// permissions counts as every one of them, on both sides.
    ///
    /// ``PostgresUserRepository/profile`` says why there are no joins.
    package static let check = Statement.read(
        """
        select k.id, k.owner_id, u.is_active, k.expires_at,
            array(select name from roles where id = any(given.roles)),
            case when exists (select from roles where id = any(given.roles) and grants_all_permissions)
                then array(select name from permissions)
                else array(
                    select name
                    from permissions
                    where id = any(array(
                        select permission_id from api_key_permissions where api_key_id = k.id
                        union all
                        select permission_id from role_permissions where role_id = any(given.roles)
                    ))
                )
            end,
            array(select name from roles where id = any(held.roles)),
            case when exists (select from roles where id = any(held.roles) and grants_all_permissions)
                then array(select name from permissions)
                else array(
                    select name
                    from permissions
                    where id = any(array(select permission_id from role_permissions where role_id = any(held.roles)))
                )
            end
        from api_keys k
        join users u on u.id = k.owner_id
        cross join lateral (
            select array(select role_id from api_key_roles where api_key_id = k.id) as roles offset 0
        ) given
        cross join lateral (
            select array(select role_id from user_roles where user_id = k.owner_id) as roles offset 0
        ) held
        where k.secret_hash = $1 and k.revoked_at is null
        """
    )

    package func check(secretHash: [UInt8]) async throws(DomainError) -> APIKeyCheck? {
        try await database.first(Self.check, [.bytes(secretHash)]) { row throws(DatabaseError) in
            APIKeyCheck(
                id: try row.identifier(0),
                ownerID: try row.identifier(1),
                isOwnerActive: try row.decode(2),
                expiresAt: try row.decode(3),
                keyGrants: try row.grants(roles: 4, permissions: 5),
                ownerGrants: try row.grants(roles: 6, permissions: 7)
            )
        }
    }

    private static let rehash = Statement.write(
        """
        update api_keys
        set secret_hash = $2
        where secret_hash = $1
        """
    )

    package func rehash(from old: [UInt8], to new: [UInt8]) async throws(DomainError) {
        _ = try await database.run(Self.rehash, [.bytes(old), .bytes(new)])
    }

    /// Touches no index (HOT), as long as none has a column that is set here.
    ///
    /// The rows are locked in the order of their ids: two workers that updated the same keys in different orders would
    /// end in a deadlock.
    private static let record = Statement.write(
        """
        with used as (
            select k.id, use.used_at, use.count
            from unnest($1::uuid[], $2::timestamptz[], $3::text[]::bigint[]) as use (id, used_at, count)
            join api_keys k on k.id = use.id
            order by k.id
            for no key update of k
        )
        update api_keys k
        set last_used_at = greatest(k.last_used_at, used.used_at), use_count = k.use_count + used.count
        from used
        where k.id = used.id
        """
    )

    package func record(_ uses: [APIKeyUse]) async throws(DomainError) {
        guard !uses.isEmpty else { return }
        _ = try await database.run(
            Self.record,
            [
                .uuidArray(uses.map(\.id.uuid)), .timestampArray(uses.map(\.usedAt)),
                .textArray(uses.map { String($0.count) }),
            ]
        )
    }
}
