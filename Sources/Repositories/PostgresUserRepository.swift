// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// Users in PostgreSQL: `users`, `oauth_accounts`, `user_roles`.
package struct PostgresUserRepository: UserRepository {
    private let database: any StatementExecutor

    package init(database: any StatementExecutor) {
        self.database = database
    }

    /// The user with the roles and permissions held at this moment.
    ///
    /// The `case` keeps the common caller, who is no administrator, away from the list of all permissions.
    package static let profile = Statement.read(
        """
        select u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at,
            held.roles,
            case when held.grants_all
                then array(select p.name from permissions p)
                else array(
                    select p.name
                    from user_roles ur
                    join role_permissions rp on rp.role_id = ur.role_id
                    join permissions p on p.id = rp.permission_id
                    where ur.user_id = u.id
                )
            end
        from users u
        cross join lateral (
            select coalesce(array_agg(r.name), '{}') as roles, bool_or(r.grants_all_permissions) as grants_all
            from user_roles ur
            join roles r on r.id = ur.role_id
            where ur.user_id = u.id
        ) held
        where u.id = $1
        """
    )

    package func profile(of id: Identifier<User>) async throws(DomainError) -> UserProfile? {
        try await database.first(Self.profile, [.uuid(id.uuid)]) { row throws(DatabaseError) in
            UserProfile(user: try row.user(), grants: try row.grants(roles: 7, permissions: 8))
        }
    }

    private static let byIdentity = Statement.read(
        """
        select u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at
        from oauth_accounts a
        join users u on u.id = a.user_id
        where a.issuer = $1 and a.subject = $2
        """
    )

    package func user(issuer: String, subject: String) async throws(DomainError) -> User? {
        try await database.first(Self.byIdentity, [.text(issuer), .text(subject)]) { row throws(DatabaseError) in
            try row.user()
        }
    }

    /// One statement, so all or nothing.
    ///
    /// A role that does not exist is a null `role_id`, which fails the whole of it. Names and addresses of providers
    /// are cut to what the tables take: nobody is kept from signing in by a long name.
    private static let create = Statement.write(
        """
        with created as (
            insert into users (id, email, is_email_verified, display_name, is_active, created_at, updated_at)
            values ($1, $2, $3, nullif(left($4::text, 200), ''), $5, $6, $7)
            returning id, created_at
        ), linked as (
            insert into oauth_accounts (issuer, subject, user_id, email, created_at)
            select $9::text, $10::text, id, left($11::text, 320), created_at
            from created
            where $9::text is not null
        )
        insert into user_roles (user_id, role_id, created_at)
        select id, (select r.id from roles r where r.name = $8), created_at
        from created
        """
    )

    package func create(
        _ user: User,
        role: String,
        linkedTo identity: ExternalIdentity?
    ) async throws(DomainError) {
        _ = try await database.run(
            Self.create,
            [
                .uuid(user.id.uuid), .text(user.email.text), .bool(user.isEmailVerified), .text(user.displayName),
                .bool(user.isActive), .timestamp(user.createdAt), .timestamp(user.updatedAt), .text(role),
                .text(identity?.issuer), .text(identity?.subject), .text(identity?.email),
            ]
        )
    }

    private static let hasActiveUser = Statement.read(
        """
        select exists (
            select
            from roles r
            join user_roles ur on ur.role_id = r.id
            join users u on u.id = ur.user_id
            where r.name = $1 and u.is_active
        )
        """
    )

    package func hasActiveUser(withRole role: String) async throws(DomainError) -> Bool {
        try await database.first(Self.hasActiveUser, [.text(role)]) { row throws(DatabaseError) in
            try row.decode(0)
        } ?? false
    }
}
