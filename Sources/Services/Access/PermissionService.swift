// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// The permissions that there are.
package struct PermissionService: Sendable {
    private let permissions: any PermissionRepository
    private let audit: any AuditRepository
    private let transactions: any Transactions
    private let access: AccessGuard
    private let clock: any WallClock

    /// - Parameters:
    ///   - permissions: Where permissions live.
    ///   - users: Where initiators and what they hold live.
    ///   - audit: Where it is written down who changed what.
    ///   - transactions: Makes one of several steps.
    ///   - clock: The time of day.
    package init(
        permissions: any PermissionRepository,
        users: any UserRepository,
        audit: any AuditRepository,
        transactions: any Transactions,
        clock: any WallClock
    ) {
        self.permissions = permissions
        self.audit = audit
        self.transactions = transactions
        self.access = AccessGuard(users: users)
        self.clock = clock
    }

    /// Permissions, newest first.
    package func list(after: Identifier<Permission>?, limit: Int) async throws(DomainError) -> Listing<Permission> {
        Listing(fetched: try await permissions.list(of: nil, after: after, limit: limit + 1), limit: limit)
    }

    /// - Throws: ``ErrorCode/notFound``.
    package func find(_ id: Identifier<Permission>) async throws(DomainError) -> Permission {
        guard let permission = try await permissions.find(id) else { throw .noSuchPermission }
        return permission
    }

    /// Makes a permission.
    ///
    /// Nobody but administrators holds it until one of them gives it away.
    ///
    /// - Throws: ``ErrorCode/conflict`` when there is one of this name.
    package func create(
        _ name: PermissionName,
        description: String,
        by initiator: Initiator
    ) async throws(DomainError) -> Permission {
        let now = clock.now()
        let permission = Permission(id: .make(at: now), name: name, description: description, createdAt: now)
        return try await transactions.runExclusively { [access, permissions, audit] () async throws(DomainError) in
            _ = try await access.authority(of: initiator, for: BuiltIn.Permission.permissionsWrite)
            try await permissions.create(permission)
            try await audit.record(
                .permissionCreated,
                of: .permission(permission.id),
                by: .initiator(initiator),
                at: now,
                permission.auditDetails
            )
            return permission
        }
    }

    /// Removes a permission that nobody holds.
    ///
    /// - Throws: ``ErrorCode/notFound``, ``ErrorCode/staleVersion``, ``ErrorCode/conflict`` when it is built in or in
    ///   use.
    package func delete(
        _ id: Identifier<Permission>,
        by initiator: Initiator,
        if precondition: Precondition<Permission> = .none
    ) async throws(DomainError) {
        let now = clock.now()
        try await transactions.runExclusively { [access, permissions, audit] () async throws(DomainError) in
            _ = try await access.authority(of: initiator, for: BuiltIn.Permission.permissionsWrite)
            guard let permission = try await permissions.find(id) else { throw .noSuchPermission }
            try precondition.check(permission)
            guard !permission.isBuiltIn else {
                throw DomainError(.conflict, "The permission \(permission.name) is built in and cannot be deleted.")
            }
            let use = try await permissions.use(of: id, at: now)
            guard use.isNone else { throw .inUse("permission", use) }
            guard try await permissions.delete(id) else { throw .noSuchPermission }
            try await audit.record(
                .permissionDeleted,
                of: .permission(id),
                by: .initiator(initiator),
                at: now,
                permission.auditDetails
            )
        }
    }
}
