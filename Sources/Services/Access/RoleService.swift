// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Roles and what comes with them.
package struct RoleService: Sendable {
    private let roles: any RoleRepository
    private let permissions: any PermissionRepository
    private let audit: any AuditRepository
    private let transactions: any Transactions
    private let access: AccessGuard
    private let clock: any WallClock

    /// - Parameters:
    ///   - roles: Where roles live.
    ///   - permissions: Where permissions live.
    ///   - users: Where initiators and what they hold live.
    ///   - audit: Where it is written down who changed what.
    ///   - transactions: Makes one of several steps.
    ///   - clock: The time of day.
    package init(
        roles: any RoleRepository,
        permissions: any PermissionRepository,
        users: any UserRepository,
        audit: any AuditRepository,
        transactions: any Transactions,
        clock: any WallClock
    ) {
        self.roles = roles
        self.permissions = permissions
        self.audit = audit
        self.transactions = transactions
        self.access = AccessGuard(users: users)
        self.clock = clock
    }

    /// Roles, newest first.
    package func list(after: Identifier<Role>?, limit: Int) async throws(DomainError) -> Listing<Role> {
        Listing(fetched: try await roles.list(heldBy: nil, after: after, limit: limit + 1), limit: limit)
    }

    /// - Throws: ``ErrorCode/notFound``.
    package func find(_ id: Identifier<Role>) async throws(DomainError) -> Role {
        guard let role = try await roles.find(id) else { throw .noSuchRole }
        return role
    }

    /// - Throws: ``ErrorCode/notFound``.
    package func find(named name: String) async throws(DomainError) -> Role {
        guard let role = try await roles.find(names: [name]).first else { throw .noSuchRole }
        return role
    }

    /// Makes a role that gives `permissions`.
    ///
    /// - Throws: ``ErrorCode/conflict`` when the name is taken, ``ErrorCode/grantExceedsOwn``,
    ///   ``ErrorCode/validationFailed`` for a permission that does not exist.
    package func create(
        named name: RoleName,
        description: String,
        permissions: Set<String>,
        by initiator: Initiator
    ) async throws(DomainError) -> Role {
        let now = clock.now()
        let role = Role(
            id: .make(at: now),
            name: name.text,
            description: description,
            permissions: permissions,
            createdAt: now,
            updatedAt: now
        )
        return try await transactions.runExclusively { [access, roles, audit] () async throws(DomainError) in
            let authority = try await access.authority(of: initiator, for: BuiltIn.Permission.rolesWrite)
            // First, so that a permission that does not exist is called that, and not beyond what is held.
            try await roles.create(role)
            try authority.requireCovers(role)
            var details = role.auditDetails
            details["permissions"] = .names(permissions)
            try await audit.record(.roleCreated, of: .role(role.id), by: .initiator(initiator), at: now, details)
            return role
        }
    }

    /// Renames or describes a role.
    ///
    /// - Throws: ``ErrorCode/notFound``, ``ErrorCode/staleVersion``, ``ErrorCode/grantExceedsOwn``,
    ///   ``ErrorCode/conflict`` when the name is taken, or the role is built in and would get another.
    package func change(
        _ id: Identifier<Role>,
        name: Change<RoleName>,
        description: Change<String>,
        by initiator: Initiator,
        if precondition: Precondition<Role> = .none
    ) async throws(DomainError) -> Role {
        try await changing(id, by: initiator, if: precondition) { [roles, audit, clock] role, _ throws(DomainError) in
            var newName = role.name
            if case .set(let name) = name { newName = name.text }
            guard !role.isBuiltIn || newName == role.name else {
                throw DomainError(.conflict, "The role \(role.name) is built in and keeps its name.")
            }
            let changed = Role(
                id: role.id,
                name: newName,
                description: description.applied(to: role.description),
                isBuiltIn: role.isBuiltIn,
                grantsAllPermissions: role.grantsAllPermissions,
                permissions: role.permissions,
                createdAt: role.createdAt,
                updatedAt: clock.now()
            )
            guard try await roles.change(changed) else { throw .noSuchRole }
            if let changes = changed.changes(since: role) {
                try await audit.record(
                    .roleChanged,
                    of: .role(id),
                    by: .initiator(initiator),
                    at: changed.updatedAt,
                    changes
                )
            }
            return changed
        }
    }

    /// Removes a role that nobody holds.
    ///
    /// - Throws: ``ErrorCode/notFound``, ``ErrorCode/staleVersion``, ``ErrorCode/grantExceedsOwn``,
    ///   ``ErrorCode/conflict`` when it is built in or in use.
    package func delete(
        _ id: Identifier<Role>,
        by initiator: Initiator,
        if precondition: Precondition<Role> = .none
    ) async throws(DomainError) {
        try await changing(id, by: initiator, for: BuiltIn.Permission.rolesDelete, if: precondition) {
            [roles, audit, clock] role, _ throws(DomainError) in
            guard !role.isBuiltIn else {
                throw DomainError(.conflict, "The role \(role.name) is built in and cannot be deleted.")
            }
            let now = clock.now()
            let use = try await roles.use(of: role.id, at: now)
            guard use.isNone else { throw .inUse("role", use) }
            guard try await roles.delete(role.id) else { throw .noSuchRole }
            try await audit.record(.roleDeleted, of: .role(id), by: .initiator(initiator), at: now, role.auditDetails)
        }
    }

    /// The permissions of a role, newest first.
    ///
    /// - Throws: ``ErrorCode/notFound`` for a role that does not exist.
    package func permissions(
        of id: Identifier<Role>,
        after: Identifier<Permission>?,
        limit: Int
    ) async throws(DomainError) -> Listing<Permission> {
        let role = try await find(id)
        // A role that holds every permission has none of its own.
        let owner = role.grantsAllPermissions ? nil : id
        return Listing(fetched: try await permissions.list(of: owner, after: after, limit: limit + 1), limit: limit)
    }

    /// Adds a permission to a role; nothing happens when the role gives it already.
    ///
    /// - Throws: ``ErrorCode/notFound``, ``ErrorCode/staleVersion``, ``ErrorCode/grantExceedsOwn``,
    ///   ``ErrorCode/conflict`` for a role that holds every permission.
    package func attach(
        _ permission: Identifier<Permission>,
        to id: Identifier<Role>,
        by initiator: Initiator,
        if precondition: Precondition<Role> = .none
    ) async throws(DomainError) {
        let now = clock.now()
        try await changingPermission(permission, of: id, by: initiator, if: precondition) {
            [roles, audit] role, permission throws(DomainError) in
            guard !role.permissions.contains(permission.name.description) else { return }
            try await roles.attach(permission.id, to: role.id, at: now)
            try await audit.record(
                .permissionAttached,
                of: .role(id),
                by: .initiator(initiator),
                at: now,
                permission.auditDetails
            )
        }
    }

    /// Takes a permission from a role; nothing happens when the role does not give it.
    ///
    /// - Throws: as ``attach(_:to:by:if:)``.
    package func detach(
        _ permission: Identifier<Permission>,
        from id: Identifier<Role>,
        by initiator: Initiator,
        if precondition: Precondition<Role> = .none
    ) async throws(DomainError) {
        let now = clock.now()
        try await changingPermission(permission, of: id, by: initiator, if: precondition) {
            [roles, audit] role, permission throws(DomainError) in
            guard role.permissions.contains(permission.name.description) else { return }
            try await roles.detach(permission.id, from: role.id, at: now)
            try await audit.record(
                .permissionDetached,
                of: .role(id),
                by: .initiator(initiator),
                at: now,
                permission.auditDetails
            )
        }
    }

    private func changingPermission(
        _ permission: Identifier<Permission>,
        of id: Identifier<Role>,
        by initiator: Initiator,
        if precondition: Precondition<Role>,
        _ body: @escaping @Sendable (Role, Permission) async throws(DomainError) -> Void
    ) async throws(DomainError) {
        try await changing(id, by: initiator, if: precondition) {
            [permissions] role, authority throws(DomainError) in
            guard let permission = try await permissions.find(permission) else { throw .noSuchPermission }
            guard !role.grantsAllPermissions else {
                throw DomainError(.conflict, "The role \(role.name) holds every permission, always.")
            }
            try authority.requireCovers([permission.name.description])
            try await body(role, permission)
        }
    }

    /// Finds a role that the initiator has power over, and changes it before anybody else can.
    private func changing<Value: Sendable>(
        _ id: Identifier<Role>,
        by initiator: Initiator,
        for permission: String = BuiltIn.Permission.rolesWrite,
        if precondition: Precondition<Role>,
        _ body: @escaping @Sendable (Role, Authority) async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        try await transactions.runExclusively { [access, roles] () async throws(DomainError) in
            let authority = try await access.authority(of: initiator, for: permission)
            guard let role = try await roles.find(id) else { throw .noSuchRole }
            try precondition.check(role)
            try authority.requireCovers(role)
            return try await body(role, authority)
        }
    }
}
