// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// What creates, changes and ends API keys.
extension PostgresAPIKeyRepository {
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
        try Self.check(known)
    }

    /// Whether every role and every permission that was named exists.
    private static func check(_ known: (roles: Bool, permissions: Bool)?) throws(DomainError) {
        switch known {
        case (true, true)?: break
        case (false, true)?: throw .unknown("roles")
        case (true, false)?: throw .unknown("permissions")
        default: throw .unknown("roles", "permissions")
        }
    }

    /// As ``create``: nothing is written when a name is unknown.
    ///
    /// What goes and what comes are different rows, so it does not matter which of the parts runs first.
    private static let change = Statement.write(
        """
        with key_roles as (
            select r.id from roles r where r.name = any($4::text[])
        ), key_permissions as (
            select p.id from permissions p where p.name = any($5::text[])
        ), known as (
            select (select count(*) from key_roles) = cardinality($4::text[]) as roles,
                (select count(*) from key_permissions) = cardinality($5::text[]) as permissions
        ), changed as (
            update api_keys k
            set name = $2, expires_at = $3
            from known
            where k.id = $1 and k.revoked_at is null and known.roles and known.permissions
            returning k.id
        ), without_roles as (
            delete from api_key_roles kr
            using changed
            where kr.api_key_id = changed.id and kr.role_id not in (select id from key_roles)
        ), without_permissions as (
            delete from api_key_permissions kp
            using changed
            where kp.api_key_id = changed.id and kp.permission_id not in (select id from key_permissions)
        ), with_roles as (
            insert into api_key_roles (api_key_id, role_id)
            select changed.id, key_roles.id from changed cross join key_roles
            on conflict (api_key_id, role_id) do nothing
        ), with_permissions as (
            insert into api_key_permissions (api_key_id, permission_id)
            select changed.id, key_permissions.id from changed cross join key_permissions
            on conflict (api_key_id, permission_id) do nothing
        )
        select known.roles, known.permissions, exists (select from changed) from known
        """
    )

    package func change(_ key: APIKey) async throws(DomainError) -> Bool {
        let outcome = try await database.first(
            Self.change,
            [
                .uuid(key.id.uuid), .text(key.name), .timestamp(key.expiresAt),
                .textArray(key.grants.roles.sorted()), .textArray(key.grants.permissions.sorted()),
            ]
        ) { row throws(DatabaseError) -> (roles: Bool, permissions: Bool, isChanged: Bool) in
            (try row.decode(0), try row.decode(1), try row.decode(2))
        }
        try Self.check(outcome.map { ($0.roles, $0.permissions) })
        return outcome?.isChanged == true
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
