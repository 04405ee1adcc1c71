// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// What creates, changes and removes roles.
extension PostgresRoleRepository {
    /// Stores nothing when a permission is unknown.
    private static let create = Statement.write(
        """
        with given as (
            select p.id from permissions p where p.name = any($8::text[])
        ), known as (
            select (select count(*) from given) = cardinality($8::text[]) as permissions
        ), created as (
            insert into roles (id, name, description, is_built_in, grants_all_permissions, created_at, updated_at)
            select $1, $2, $3, $4, $5, $6, $7
            from known
            where known.permissions
            returning id, created_at
        ), attached as (
            insert into role_permissions (role_id, permission_id, created_at)
            select created.id, given.id, created.created_at
            from created
            cross join given
        )
        select permissions from known
        """
    )

    package func create(_ role: Role) async throws(DomainError) {
        let isKnown: Bool? = try await database.first(
            Self.create,
            [
                .uuid(role.id.uuid), .text(role.name), .text(role.description), .bool(role.isBuiltIn),
                .bool(role.grantsAllPermissions), .timestamp(role.createdAt), .timestamp(role.updatedAt),
                .textArray(role.permissions.sorted()),
            ]
        ) { row throws(DatabaseError) in
            try row.decode(0)
        }
        guard isKnown == true else { throw .unknown("permissions") }
    }

    private static let change = Statement.write(
        """
        update roles
        set name = $2, description = $3, updated_at = $4
        where id = $1
        """
    )

    package func change(_ role: Role) async throws(DomainError) -> Bool {
        let result = try await database.run(
            Self.change,
            [.uuid(role.id.uuid), .text(role.name), .text(role.description), .timestamp(role.updatedAt)]
        )
        return result.affectedRows == 1
    }

    private static let delete = Statement.write("delete from roles where id = $1")

    package func delete(_ id: Identifier<Role>) async throws(DomainError) -> Bool {
        let result = try await database.run(
            Self.delete,
            [.uuid(id.uuid)],
            meanings: ["user_roles_role_id_fkey": DomainError(.conflict, "A user holds the role.")]
        )
        return result.affectedRows == 1
    }
}
