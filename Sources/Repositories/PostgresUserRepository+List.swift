// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// Lists of users, each from a statement of its own: with `$1 is null or …` the plan that serves every value would read
/// the whole table for each.
///
/// Without a place the highest UUID stands in, which is an index condition, too. That `(a, b)` comes before `($3, …)`
/// and `a` not before `$3` says that `a` is `$3`, but so that one index alone has the order that is asked for. Where
/// nearly everyone has the same `a`, PostgreSQL would otherwise read all users by id to find the few that have another
/// one. And `offset 0` has each user of the page looked up, instead of all of them read to join the page with.
extension PostgresUserRepository {
    /// What joins the users `u` of the `page` with the names of their roles, `held.roles`; null for users without any.
    ///
    /// All of them are read together: to look them up for each user takes a quarter more of the server's time.
    static let rolesOfPage = """
        left join (
            select ur.user_id, array_agg(r.name) as roles
            from user_roles ur
            join roles r on r.id = ur.role_id
            where ur.user_id = any(array(select id from page))
            group by ur.user_id
        ) held on held.user_id = u.id
        """

    /// A page of all users.
    package static let listAll = Statement.list(
        """
        with page as materialized (
            select u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at
            from users u
            where u.id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            order by u.id desc
            limit $2
        )
        select u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at,
            coalesce(held.roles, '{}')
        from page u
        \(rolesOfPage)
        order by u.id desc
        """
    )

    /// A page of the users who are active, or of those who are not.
    package static let listByActivity = Statement.list(
        """
        with page as materialized (
            select u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at
            from users u
            where u.is_active >= $3
                and (u.is_active, u.id) < ($3, coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
            order by u.is_active desc, u.id desc
            limit $2
        )
        select u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at,
            coalesce(held.roles, '{}')
        from page u
        \(rolesOfPage)
        order by u.id desc
        """
    )

    /// A page of the users who hold one role.
    package static let listByRole = Statement.list(
        """
        with page as materialized (
            select u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at
            from (
                select ur.role_id, ur.user_id
                from user_roles ur
                where ur.role_id >= $3
                    and (ur.role_id, ur.user_id) < ($3, coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
                order by ur.role_id desc, ur.user_id desc
                limit $2
            ) found
            cross join lateral (
                select id, email, is_email_verified, display_name, is_active, created_at, updated_at
                from users
                where id = found.user_id
                offset 0
            ) u
        )
        select u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at,
            coalesce(held.roles, '{}')
        from page u
        \(rolesOfPage)
        order by u.id desc
        """
    )

    package func list(
        _ filter: UserFilter,
        after: UserListItem.Place?,
        limit: Int
    ) async throws(DomainError) -> [UserListItem] {
        if let after, (after.term != nil) != (filter.text != nil) { throw Self.foreignCursor }
        if let text = filter.text {
            return try await search(text, isActive: filter.isActive, after: after, limit: limit)
        }
        var parameters: [Parameter] = [.uuid(after?.id.uuid), .integer(Int64(limit))]
        let statement: Statement
        switch (filter.role, filter.isActive) {
        case (let role?, _):
            statement = Self.listByRole
            parameters.append(.uuid(role.uuid))
        case (nil, let isActive?):
            statement = Self.listByActivity
            parameters.append(.bool(isActive))
        case (nil, nil): statement = Self.listAll
        }
        return try await reader.all(statement, parameters) { row throws(DatabaseError) in
            try row.listedUser(term: nil)
        }
    }

    private static let foreignCursor = DomainError(
        .validationFailed,
        "The cursor is not one of this list.",
        fields: [.init("cursor", code: "invalid", message: "This is not a cursor of a list with these filters.")]
    )
}

extension Row {
    /// The user in the first seven columns with the roles in the next one, as found by `term`.
    func listedUser(term: String?) throws(DatabaseError) -> UserListItem {
        let user = try user()
        return UserListItem(user: user, roles: try decode(7), place: .init(id: user.id, term: term))
    }
}
