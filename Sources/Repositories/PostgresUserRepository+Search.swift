// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// Lists of the users with a word that begins with a text; `migrations/0007` says how each is found once.
extension PostgresUserRepository {
    /// A page of the users found who are active, or of those who are not.
    ///
    /// It is taken from the index before anything is looked up for it, so that it costs the same wherever it lies.
    ///
    /// It begins at the text or, if that is later, at the place (`greatest` passes over null). One condition says both:
    /// of two, PostgreSQL begins to read at either, and may read the whole index up to the other.
    package static let searchByActivity = Statement.list(
        """
        with page as materialized (
            select u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at, found.term
            from (
                select t.term, t.user_id
                from user_search_terms t
                where t.is_active = $5
                    and (t.term, t.user_id) > (
                        greatest($2::text collate "C", lower($1::text)),
                        coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')
                    )
                    and t.term < lower($1::text) || chr(1114111)
                    and t.shared < length(lower($1::text))
                order by t.term, t.user_id
                limit $4
            ) found
            cross join lateral (
                select id, email, is_email_verified, display_name, is_active, created_at, updated_at
                from users
                where id = found.user_id
                offset 0
            ) u
        )
        select u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at,
            coalesce(held.roles, '{}'),
            u.term
        from page u
        \(rolesOfPage)
        order by u.term, u.id
        """
    )

    /// A page of all users found.
    ///
    /// Merged from a page of active users and one of the others: the index has these apart.
    package static let search = Statement.list(
        """
        with page as materialized (
            select u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at, found.term
            from (
                select merged.term, merged.user_id
                from (
                    (
                        select t.term, t.user_id
                        from user_search_terms t
                        where t.is_active
                            and (t.term, t.user_id) > (
                                greatest($2::text collate "C", lower($1::text)),
                                coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')
                            )
                            and t.term < lower($1::text) || chr(1114111)
                            and t.shared < length(lower($1::text))
                        order by t.term, t.user_id
                        limit $4
                    )
                    union all
                    (
                        select t.term, t.user_id
                        from user_search_terms t
                        where not t.is_active
                            and (t.term, t.user_id) > (
                                greatest($2::text collate "C", lower($1::text)),
                                coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')
                            )
                            and t.term < lower($1::text) || chr(1114111)
                            and t.shared < length(lower($1::text))
                        order by t.term, t.user_id
                        limit $4
                    )
                ) merged
                order by merged.term, merged.user_id
                limit $4
            ) found
            cross join lateral (
                select id, email, is_email_verified, display_name, is_active, created_at, updated_at
                from users
                where id = found.user_id
                offset 0
            ) u
        )
        select u.id, u.email, u.is_email_verified, u.display_name, u.is_active, u.created_at, u.updated_at,
            coalesce(held.roles, '{}'),
            u.term
        from page u
        \(rolesOfPage)
        order by u.term, u.id
        """
    )

    func search(
        _ text: String,
        isActive: Bool?,
        after: UserListItem.Place?,
        limit: Int
    ) async throws(DomainError) -> [UserListItem] {
        var parameters: [Parameter] = [
            .text(text), .text(after?.term), .uuid(after?.id.uuid), .integer(Int64(limit)),
        ]
        if let isActive { parameters.append(.bool(isActive)) }
        let statement = isActive == nil ? Self.search : Self.searchByActivity
        return try await reader.all(statement, parameters) { row throws(DatabaseError) in
            try row.listedUser(term: try row.decode(8))
        }
    }
}
