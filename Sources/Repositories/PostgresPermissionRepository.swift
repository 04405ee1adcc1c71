// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// Permissions in PostgreSQL: `permissions`.
package struct PostgresPermissionRepository: PermissionRepository {
    private let database: any StatementExecutor
    private let reader: any StatementExecutor

    /// - Parameters:
    ///   - database: Where they are.
    ///   - reader: What answers when they are listed, when that may be another one; nil for `database`.
    package init(database: any StatementExecutor, reader: (any StatementExecutor)? = nil) {
        self.database = database
        self.reader = reader ?? database
    }

    private static let create = Statement.write(
        """
        insert into permissions (id, resource, action, description, is_built_in, created_at)
        values ($1, $2, $3, $4, $5, $6)
        """
    )

    package func create(_ permission: Permission) async throws(DomainError) {
        _ = try await database.run(
            Self.create,
            [
                .uuid(permission.id.uuid), .text(permission.name.resource), .text(permission.name.action),
                .text(permission.description), .bool(permission.isBuiltIn), .timestamp(permission.createdAt),
            ]
        )
    }

    private static let find = Statement.read(
        """
        select id, name, description, is_built_in, created_at
        from permissions
        where id = $1
        """
    )

    package func find(_ id: Identifier<Permission>) async throws(DomainError) -> Permission? {
        try await database.first(Self.find, [.uuid(id.uuid)]) { row throws(DatabaseError) in try row.permission() }
    }

    /// A page of all permissions.
    package static let listAll = Statement.list(
        """
        select id, name, description, is_built_in, created_at
        from permissions
        where id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by id desc
        limit $2
        """
    )

    /// A page of the permissions that one role gives.
    ///
    /// Either of the two halves runs, and the other one reads nothing: a role that grants all has no list of its own.
    package static let listByRole = Statement.list(
        """
        with given as materialized (
            select r.grants_all_permissions as all from roles r where r.id = $3
        )
        (
            select p.id, p.name, p.description, p.is_built_in, p.created_at
            from role_permissions rp
            join permissions p on p.id = rp.permission_id
            where not (select given.all from given)
                and rp.role_id = $3
                and rp.permission_id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            order by rp.permission_id desc
            limit $2
        )
        union all
        (
            select p.id, p.name, p.description, p.is_built_in, p.created_at
            from permissions p
            where (select given.all from given)
                and p.id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            order by p.id desc
            limit $2
        )
        order by id desc
        """
    )

    package func list(
        of role: Identifier<Role>?,
        after: Identifier<Permission>?,
        limit: Int
    ) async throws(DomainError) -> [Permission] {
        var parameters: [Parameter] = [.uuid(after?.uuid), .integer(Int64(limit))]
        if let role { parameters.append(.uuid(role.uuid)) }
        return try await reader.all(role == nil ? Self.listAll : Self.listByRole, parameters) {
            row throws(DatabaseError) in try row.permission()
        }
    }

    private static let delete = Statement.write("delete from permissions where id = $1")

    package func delete(_ id: Identifier<Permission>) async throws(DomainError) -> Bool {
        let result = try await database.run(
            Self.delete,
            [.uuid(id.uuid)],
            meanings: ["role_permissions_permission_id_fkey": DomainError(.conflict, "A role gives the permission.")]
        )
        return result.affectedRows == 1
    }

    private static let use = Statement.read(
        """
        select (select count(*) from role_permissions rp where rp.permission_id = $1),
            (
                select count(*)
                from api_key_permissions kp
                join api_keys k on k.id = kp.api_key_id
                where kp.permission_id = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2)
            )
        """
    )

    package func use(of id: Identifier<Permission>, at instant: Timestamp) async throws(DomainError) -> AccessUse {
        try await database.first(Self.use, [.uuid(id.uuid), .timestamp(instant)]) { row throws(DatabaseError) in
            AccessUse(roles: try row.decode(0), apiKeys: try row.decode(1))
        } ?? AccessUse()
    }
}
