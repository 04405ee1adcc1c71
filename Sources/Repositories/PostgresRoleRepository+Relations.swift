// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

import struct FoundationEssentials.UUID

/// The permissions that roles give, and the users who hold them.
///
/// Each changes `updated_at` of what it is a part of, and only when there was something to do.
extension PostgresRoleRepository {
    private static let attach = Statement.write(
        """
        with attached as (
            insert into role_permissions (permission_id, role_id, created_at)
            values ($1, $2, $3)
            on conflict (role_id, permission_id) do nothing
            returning role_id
        )
        update roles r
        set updated_at = $3
        from attached
        where r.id = attached.role_id
        """
    )

    package func attach(
        _ permission: Identifier<Permission>,
        to role: Identifier<Role>,
        at instant: Timestamp
    ) async throws(DomainError) {
        try await relate(
            Self.attach,
            permission.uuid,
            role.uuid,
            at: instant,
            meanings: ["role_permissions_permission_id_fkey": .missing("permission")]
        )
    }

    private static let detach = Statement.write(
        """
        with detached as (
            delete from role_permissions
            where permission_id = $1 and role_id = $2
            returning role_id
        )
        update roles r
        set updated_at = $3
        from detached
        where r.id = detached.role_id
        """
    )

    package func detach(
        _ permission: Identifier<Permission>,
        from role: Identifier<Role>,
        at instant: Timestamp
    ) async throws(DomainError) {
        try await relate(Self.detach, permission.uuid, role.uuid, at: instant)
    }

    private static let assign = Statement.write(
        """
        with assigned as (
            insert into user_roles (role_id, user_id, created_at)
            values ($1, $2, $3)
            on conflict (user_id, role_id) do nothing
            returning user_id
        )
        update users u
        set updated_at = $3
        from assigned
        where u.id = assigned.user_id
        """
    )

    package func assign(
        _ role: Identifier<Role>,
        to user: Identifier<User>,
        at instant: Timestamp
    ) async throws(DomainError) {
        try await relate(
            Self.assign,
            role.uuid,
            user.uuid,
            at: instant,
            meanings: ["user_roles_role_id_fkey": .missing("role")]
        )
    }

    private static let unassign = Statement.write(
        """
        with unassigned as (
            delete from user_roles
            where role_id = $1 and user_id = $2
            returning user_id
        )
        update users u
        set updated_at = $3
        from unassigned
        where u.id = unassigned.user_id
        """
    )

    package func unassign(
        _ role: Identifier<Role>,
        from user: Identifier<User>,
        at instant: Timestamp
    ) async throws(DomainError) {
        try await relate(Self.unassign, role.uuid, user.uuid, at: instant)
    }

    private func relate(
        _ statement: Statement,
        _ part: UUID,
        _ whole: UUID,
        at instant: Timestamp,
        meanings: [String: DomainError] = [:]
    ) async throws(DomainError) {
        _ = try await database.run(
            statement,
            [.uuid(part), .uuid(whole), .timestamp(instant)],
            meanings: meanings
        )
    }
}
