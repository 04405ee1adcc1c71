// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// What creates, changes and removes users.
extension PostgresUserRepository {
    /// One statement, so all or nothing; it stores nothing when a role is unknown.
    ///
    /// Names and addresses of providers are cut to what the tables take: nobody is kept from signing in by a long name.
    private static let create = Statement.write(
        """
        with given as (
            select r.id from roles r where r.name = any($8::text[])
        ), known as (
            select (select count(*) from given) = cardinality($8::text[]) as roles
        ), created as (
            insert into users (id, email, is_email_verified, display_name, is_active, created_at, updated_at)
            select $1, $2, $3, nullif(left($4::text, 200), ''), $5, $6, $7
            from known
            where known.roles
            returning id, created_at
        ), linked as (
            insert into oauth_accounts (issuer, subject, user_id, email, created_at)
            select $9::text, $10::text, id, left($11::text, 320), created_at
            from created
            where $9::text is not null
        ), assigned as (
            insert into user_roles (user_id, role_id, created_at)
            select created.id, given.id, created.created_at
            from created
            cross join given
        )
        select roles from known
        """
    )

    package func create(
        _ user: User,
        roles: Set<String>,
        linkedTo identity: ExternalIdentity?
    ) async throws(DomainError) {
        let isKnown: Bool? = try await database.first(
            Self.create,
            [
                .uuid(user.id.uuid), .text(user.email.text), .bool(user.isEmailVerified), .text(user.displayName),
                .bool(user.isActive), .timestamp(user.createdAt), .timestamp(user.updatedAt),
                .textArray(roles.sorted()), .text(identity?.issuer), .text(identity?.subject), .text(identity?.email),
            ]
        ) { row throws(DatabaseError) in
            try row.decode(0)
        }
        guard isKnown == true else { throw .unknown("roles") }
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
