// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// Roles in PostgreSQL: `roles`, `role_permissions`, `user_roles`.
package struct PostgresRoleRepository: RoleRepository {
    let database: any StatementExecutor
    let reader: any StatementExecutor

    /// - Parameters:
    ///   - database: Where they are.
    ///   - reader: What answers when they are listed, when that may be another one; nil for `database`.
    package init(database: any StatementExecutor, reader: (any StatementExecutor)? = nil) {
        self.database = database
        self.reader = reader ?? database
    }

    /// The role with this id.
    package static let find = Statement.read(
        """
        select r.id, r.name, r.description, r.is_built_in, r.grants_all_permissions,
            case when r.grants_all_permissions
                then array(select p.name from permissions p)
                else array(
                    select p.name
                    from role_permissions rp
                    join permissions p on p.id = rp.permission_id
                    where rp.role_id = r.id
                )
            end,
            r.created_at, r.updated_at
        from roles r
        where r.id = $1
        """
    )

    package func find(_ id: Identifier<Role>) async throws(DomainError) -> Role? {
        try await database.first(Self.find, [.uuid(id.uuid)]) { row throws(DatabaseError) in try row.role() }
    }

    private static let findByNames = Statement.read(
        """
        select r.id, r.name, r.description, r.is_built_in, r.grants_all_permissions,
            case when r.grants_all_permissions
                then array(select p.name from permissions p)
                else array(
                    select p.name
                    from role_permissions rp
                    join permissions p on p.id = rp.permission_id
                    where rp.role_id = r.id
                )
            end,
            r.created_at, r.updated_at
        from roles r
        where r.name = any($1::text[])
        """
    )

    package func find(names: Set<String>) async throws(DomainError) -> [Role] {
        try await database.all(Self.findByNames, [.textArray(names.sorted())]) { row throws(DatabaseError) in
            try row.role()
        }
    }

    /// A page of all roles.
    package static let listAll = Statement.list(
        """
        select r.id, r.name, r.description, r.is_built_in, r.grants_all_permissions,
            case when r.grants_all_permissions
                then array(select p.name from permissions p)
                else array(
                    select p.name
                    from role_permissions rp
                    join permissions p on p.id = rp.permission_id
                    where rp.role_id = r.id
                )
            end,
            r.created_at, r.updated_at
        from roles r
        where r.id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by r.id desc
        limit $2
        """
    )

    /// A page of the roles that one user holds.
    package static let listByUser = Statement.list(
        """
        select r.id, r.name, r.description, r.is_built_in, r.grants_all_permissions,
            case when r.grants_all_permissions
                then array(select p.name from permissions p)
                else array(
                    select p.name
                    from role_permissions rp
                    join permissions p on p.id = rp.permission_id
                    where rp.role_id = r.id
                )
            end,
            r.created_at, r.updated_at
        from user_roles held
        join roles r on r.id = held.role_id
        where held.user_id = $3 and held.role_id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by held.role_id desc
        limit $2
        """
    )

    package func list(
        heldBy user: Identifier<User>?,
        after: Identifier<Role>?,
        limit: Int
    ) async throws(DomainError) -> [Role] {
        var parameters: [Parameter] = [.uuid(after?.uuid), .integer(Int64(limit))]
        if let user { parameters.append(.uuid(user.uuid)) }
        return try await reader.all(user == nil ? Self.listAll : Self.listByUser, parameters) {
            row throws(DatabaseError) in try row.role()
        }
    }

    private static let use = Statement.read(
        """
        select (select count(*) from user_roles ur where ur.role_id = $1),
            (
                select count(*)
                from api_key_roles kr
                join api_keys k on k.id = kr.api_key_id
                where kr.role_id = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2)
            )
        """
    )

    package func use(of id: Identifier<Role>, at instant: Timestamp) async throws(DomainError) -> AccessUse {
        try await database.first(Self.use, [.uuid(id.uuid), .timestamp(instant)]) { row throws(DatabaseError) in
            AccessUse(users: try row.decode(0), apiKeys: try row.decode(1))
        } ?? AccessUse()
    }
}
