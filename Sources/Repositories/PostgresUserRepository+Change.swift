// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// What creates, changes and removes users.
extension PostgresUserRepository {
    /// One statement, so all or nothing.
    ///
    /// It stores nothing when a role is unknown, which gives no row, or the address is taken, which gives one without a
    /// user: neither is an error, with which all else in the transaction would fail.
    ///
    /// Whether whoever wants it still may is asked in here, so that what they have just lost is not used any more.
    ///
    /// Names and addresses of providers are cut to what the tables take: nobody is kept from signing in by a long name.
    ///
    /// It answers with what the user may do, as ``profile`` would, which would be another way to the server and back.
    private static let create = Statement.groupedWrite(
        """
        with given as materialized (
            select array(select id from roles where name = any($8::text[])) as roles,
                array(select role_id from user_roles where user_id = $12) as held
        ), known as (
            select given.roles,
                exists (select from roles where id = any(given.roles) and grants_all_permissions) as grants_all,
                $12::uuid is null or exists (select from users where id = $12 and is_active) and (
                    exists (select from roles where id = any(given.held) and grants_all_permissions) or exists (
                        select
                        from role_permissions
                        where role_id = any(given.held) and permission_id = (select id from permissions where name = $13)
                    )
                ) as is_allowed
            from given
            where cardinality(given.roles) = cardinality($8::text[])
        ), created as (
            insert into users (id, email, is_email_verified, display_name, is_active, created_at, updated_at)
            select $1, $2, $3, nullif(left($4::text, 200), ''), $5, $6, $7
            from known
            where known.is_allowed
            on conflict (email) do nothing
            returning id, display_name, created_at
        ), linked as (
            insert into oauth_accounts (issuer, subject, user_id, email, created_at)
            select $9::text, $10::text, id, left($11::text, 320), created_at
            from created
            where $9::text is not null
        ), assigned as (
            insert into user_roles (user_id, role_id, created_at)
            select created.id, unnest(known.roles), created.created_at
            from created
            cross join known
        ), recorded as (
            insert into audit_events (
                id, occurred_at, action, actor_kind, actor_user_id, actor_api_key_id, subject_kind, subject_id, details,
                request_id, client_address
            )
            select $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24
            from created
        )
        select created.id is not null, created.display_name,
            case when known.grants_all
                then array(select name from permissions)
                else array(
                    select name
                    from permissions
                    where id = any(array(select permission_id from role_permissions where role_id = any(known.roles)))
                )
            end,
            known.is_allowed
        from known
        left join created on true
        """
    )

    package func create(
        _ user: User,
        roles: Set<String>,
        linkedTo identity: ExternalIdentity?,
        for holder: PermissionHolder?,
        recording event: AuditEvent
    ) async throws(DomainError) -> UserProfile? {
        let created: Result<UserProfile?, DomainError>? = try await database.first(
            Self.create,
            [
                .uuid(user.id.uuid), .text(user.email.text), .bool(user.isEmailVerified), .text(user.displayName),
                .bool(user.isActive), .timestamp(user.createdAt), .timestamp(user.updatedAt),
                .textArray(roles.sorted()), .text(identity?.issuer), .text(identity?.subject), .text(identity?.email),
                .uuid(holder?.user.uuid), .text(holder?.permission),
            ] + event.parameters
        ) { row throws(DatabaseError) -> Result<UserProfile?, DomainError> in
            guard try row.decode(3, as: Bool.self) else { return .success(nil) }
            guard try row.decode(0, as: Bool.self) else { return .failure(.emailTaken) }
            let stored = User(
                id: user.id,
                email: user.email,
                isEmailVerified: user.isEmailVerified,
                displayName: try row.decode(1),
                isActive: user.isActive,
                createdAt: user.createdAt,
                updatedAt: user.updatedAt
            )
            let grants = Grants(roles: roles, permissions: Set(try row.decode(2)))
            return .success(UserProfile(user: stored, grants: grants))
        }
        guard let created else { throw .unknown("roles") }
        return try created.get()
    }

    /// Who vouches for an address anew lets those who have it join by it, whatever was taken from the user before.
    private static let change = Statement.write(
        """
        with ended as (
            update sessions
            set ended_at = $6
            where user_id = $1 and ended_at is null and not $5
        ), forgotten as (
            delete from unlinked_identities u
            using users before
            where u.user_id = $1 and before.id = $1 and not before.is_email_verified and $3
        )
        update users
        set email = $2, is_email_verified = $3, display_name = $4, is_active = $5, updated_at = $6
        where id = $1
        """
    )

    package func change(_ user: User) async throws(DomainError) -> Bool {
        let result = try await database.run(
            Self.change,
            [
                .uuid(user.id.uuid), .text(user.email.text), .bool(user.isEmailVerified), .text(user.displayName),
                .bool(user.isActive), .timestamp(user.updatedAt),
            ]
        )
        return result.affectedRows == 1
    }

    private static let delete = Statement.write("delete from users where id = $1")

    package func delete(_ id: Identifier<User>) async throws(DomainError) -> Bool {
        try await database.run(Self.delete, [.uuid(id.uuid)]).affectedRows == 1
    }
}
