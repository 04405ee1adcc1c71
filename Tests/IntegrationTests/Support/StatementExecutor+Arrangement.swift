// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

import struct FoundationEssentials.UUID

/// What tests arrange for which there is no repository method yet.
extension StatementExecutor {
    func addPermissions(_ names: [String]) async throws {
        for name in names.compactMap({ PermissionName($0) }) {
            _ = try await execute(
                .write("insert into permissions (id, resource, action, created_at) values ($1, $2, $3, now())"),
                [.uuid(.v7(at: Sample.now)), .text(name.resource), .text(name.action)]
            )
        }
    }

    func addRole(_ name: String, permissions: [String]) async throws {
        _ = try await execute(
            .write(
                """
                with role as (
                    insert into roles (id, name, created_at, updated_at) values ($1, $2, now(), now()) returning id
                )
                insert into role_permissions (role_id, permission_id, created_at)
                select role.id, p.id, now() from role cross join permissions p where p.name = any($3)
                """
            ),
            [.uuid(.v7(at: Sample.now)), .text(name), .textArray(permissions)]
        )
    }

    func assign(_ role: String, to user: User) async throws {
        _ = try await execute(
            .write(
                """
                insert into user_roles (user_id, role_id, created_at)
                select $1, id, now() from roles where name = $2
                """
            ),
            [.uuid(user.id.uuid), .text(role)]
        )
    }

    func deactivate(_ user: User) async throws {
        _ = try await execute(.write("update users set is_active = false where id = $1"), [.uuid(user.id.uuid)])
    }

    /// Rows of `table`.
    func count(_ table: String) async throws -> Int {
        try await execute(.read("select count(*) from \(table)")).first?.decode(0) ?? -1
    }

    /// Whether somebody waits for this transaction to end.
    func isWaitedFor() async throws -> Bool {
        // Not pg_stat_activity: within a transaction, that always shows what it showed first.
        try await execute(
            .read(
                """
                select exists (
                    select from pg_locks
                    where not granted and transactionid::text = pg_current_xact_id_if_assigned()::text
                )
                """
            )
        ).first?.decode(0) ?? false
    }
}
