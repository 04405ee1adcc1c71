// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// API keys in PostgreSQL: `api_keys`, `api_key_roles`, `api_key_permissions`.
package struct PostgresAPIKeyRepository: APIKeyRepository {
    let database: any StatementExecutor

    package init(database: any StatementExecutor) {
        self.database = database
    }

    /// Stores nothing when a name is unknown, and says which of the two lists it stands in.
    private static let create = Statement.write(
        """
        with key_roles as (
            select r.id from roles r where r.name = any($10::text[])
        ), key_permissions as (
            select p.id from permissions p where p.name = any($11::text[])
        ), known as (
            select (select count(*) from key_roles) = cardinality($10::text[]) as roles,
                (select count(*) from key_permissions) = cardinality($11::text[]) as permissions
        ), created as (
            insert into api_keys (id, owner_id, name, prefix, last_four, secret_hash, created_at, expires_at, last_used_at)
            select $1, $2, $3, $4, $5, $6, $7, $8, $9
            from known
            where known.roles and known.permissions
            returning id
        ), with_roles as (
            insert into api_key_roles (api_key_id, role_id)
            select created.id, key_roles.id from created cross join key_roles
        ), with_permissions as (
            insert into api_key_permissions (api_key_id, permission_id)
            select created.id, key_permissions.id from created cross join key_permissions
        )
        select known.roles, known.permissions from known
        """
    )

    package func create(_ key: APIKey, secretHash: [UInt8]) async throws(DomainError) {
        let known = try await database.first(
            Self.create,
            [
                .uuid(key.id.uuid), .uuid(key.ownerID.uuid), .text(key.name), .text(key.prefix), .text(key.lastFour),
                .bytes(secretHash), .timestamp(key.createdAt), .timestamp(key.expiresAt), .timestamp(key.lastUsedAt),
                .textArray(key.grants.roles.sorted()), .textArray(key.grants.permissions.sorted()),
            ]
        ) { row throws(DatabaseError) -> (roles: Bool, permissions: Bool) in
            (try row.decode(0), try row.decode(1))
        }
        switch known {
        case (true, true)?: break
        case (false, true)?: throw .unknown("roles")
        case (true, false)?: throw .unknown("permissions")
        default: throw .unknown("roles", "permissions")
        }
    }

    private static let find = Statement.read(
        """
        select k.id, k.owner_id, k.name, k.prefix, k.last_four, k.created_at, k.expires_at, k.last_used_at,
            array(select r.name from api_key_roles kr join roles r on r.id = kr.role_id where kr.api_key_id = k.id),
            array(
                select p.name
                from api_key_permissions kp
                join permissions p on p.id = kp.permission_id
                where kp.api_key_id = k.id
            )
        from api_keys k
        where k.id = $1 and ($2::uuid is null or k.owner_id = $2) and k.revoked_at is null
        """
    )

    package func find(_ id: Identifier<APIKey>, owner: Identifier<User>?) async throws(DomainError) -> APIKey? {
        try await database.first(Self.find, [.uuid(id.uuid), .uuid(owner?.uuid)]) { row throws(DatabaseError) in
            try row.apiKey()
        }
    }

    /// Ids of version 7 sort by creation, so the id alone is the place in the list.
    ///
    /// Without a place the highest UUID stands in: an index condition where `$2 is null or …` would be a filter over
    /// all keys of the owner.
    private static let list = Statement.read(
        """
        select k.id, k.owner_id, k.name, k.prefix, k.last_four, k.created_at, k.expires_at, k.last_used_at,
            array(select r.name from api_key_roles kr join roles r on r.id = kr.role_id where kr.api_key_id = k.id),
            array(
                select p.name
                from api_key_permissions kp
                join permissions p on p.id = kp.permission_id
                where kp.api_key_id = k.id
            )
        from api_keys k
        where k.owner_id = $1 and k.id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            and k.revoked_at is null
        order by k.id desc
        limit $3
        """
    )

    package func list(
        owner: Identifier<User>,
        after: Identifier<APIKey>?,
        limit: Int
    ) async throws(DomainError) -> [APIKey] {
        try await database.all(
            Self.list,
            [.uuid(owner.uuid), .uuid(after?.uuid), .integer(Int64(limit))]
        ) { row throws(DatabaseError) in
            try row.apiKey()
        }
    }

    private static let revoke = Statement.write(
        """
        update api_keys
        set revoked_at = $3
        where id = $1 and ($2::uuid is null or owner_id = $2) and revoked_at is null
        """
    )

    package func revoke(
        _ id: Identifier<APIKey>,
        owner: Identifier<User>?,
        at instant: Timestamp
    ) async throws(DomainError) -> Bool {
        try await database.run(Self.revoke, [.uuid(id.uuid), .uuid(owner?.uuid), .timestamp(instant)]).affectedRows == 1
    }
}
