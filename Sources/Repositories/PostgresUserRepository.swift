// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// Users in PostgreSQL: `users`, `oauth_accounts`, `user_roles`, `user_search_terms`.
package struct PostgresUserRepository: UserRepository {
    let database: any StatementExecutor
    let reader: any StatementExecutor

    /// - Parameters:
    ///   - database: Where they are.
    ///   - reader: What answers when they are listed, when that may be another one; nil for `database`.
    package init(database: any StatementExecutor, reader: (any StatementExecutor)? = nil) {
        self.database = database
        self.reader = reader ?? database
    }

    /// The user with the roles and permissions held at this moment.
    ///
    /// The `case` keeps the common caller, who is no administrator, away from the list of all permissions. Names are selected
    /// by arrays of ids: joins take a quarter more of the server's time, most of it to set them up. For who holds more than a
    /// hundred permissions they would be faster, and with a thousand four times, 0.4 ms instead of 2. `offset 0` has the roles
    /// read once and not in each place where they are named.
    package static let profile = Statement.read(
        """
        select u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at,
            array(select name from roles where id = any(held.roles)),
            case when exists (select from roles where id = any(held.roles) and grants_all_permissions)
                then array(select name from permissions)
                else array(
                    select name
                    from permissions
                    where id = any(array(select permission_id from role_permissions where role_id = any(held.roles)))
                )
            end
        from users u
        cross join lateral (select array(select role_id from user_roles where user_id = u.id) as roles offset 0) held
        where u.id = $1
        """
    )

    package func profile(of id: Identifier<User>) async throws(DomainError) -> UserProfile? {
        try await database.first(Self.profile, [.uuid(id.uuid)]) { row throws(DatabaseError) in
            UserProfile(user: try row.user(), grants: try row.grants(roles: 7, permissions: 8))
        }
    }

    private static let idByEmail = Statement.read("select id from users where email = $1")

    package func profile(email: EmailAddress) async throws(DomainError) -> UserProfile? {
        let id: Identifier<User>? = try await database.first(Self.idByEmail, [.text(email.text)]) {
            row throws(DatabaseError) in try row.identifier(0)
        }
        guard let id else { return nil }
        return try await profile(of: id)
    }

    private static let lock = Statement.write("select id from users where id = $1 for no key update")

    package func lockedProfile(of id: Identifier<User>) async throws(DomainError) -> UserProfile? {
        // A statement of its own: one that waits for a lock still sees what was there when it began, so that the roles
        // would be those from before the change that it waited for.
        guard try await database.run(Self.lock, [.uuid(id.uuid)]).count == 1 else { return nil }
        return try await profile(of: id)
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
