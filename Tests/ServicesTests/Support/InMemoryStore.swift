// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

/// The one store behind all repositories in memory, so that a transaction can undo whatever happened in it.
///
/// It begins with what every installation has.
final class InMemoryStore: Sendable {
    static let builtInPermissions = [
        BuiltIn.Permission.usersRead, BuiltIn.Permission.usersWrite, BuiltIn.Permission.usersDelete,
        BuiltIn.Permission.rolesRead, BuiltIn.Permission.rolesWrite, BuiltIn.Permission.rolesDelete,
        BuiltIn.Permission.rolesAssign, BuiltIn.Permission.permissionsRead, BuiltIn.Permission.permissionsWrite,
        BuiltIn.Permission.apiKeysManage, BuiltIn.Permission.tokensIntrospect,
        BuiltIn.Permission.auditRead,
    ]

    private let contents = Mutex(InMemoryTables())

    init() {
        let epoch = Timestamp(seconds: 0)
        for name in Self.builtInPermissions { addPermission(name, isBuiltIn: true, at: epoch) }
        addRole(BuiltIn.Role.admin, isBuiltIn: true, grantsAllPermissions: true, at: epoch)
        addRole(BuiltIn.Role.user, isBuiltIn: true, at: epoch)
    }

    /// All that is stored; setting it is what a roll-back does.
    var tables: InMemoryTables {
        get { contents.withLock { $0 } }
        set { contents.withLock { $0 = newValue } }
    }

    /// Reads or changes what is stored in one step.
    @discardableResult
    func access<Value: Sendable>(
        _ body: (inout InMemoryTables) throws(DomainError) -> Value
    ) throws(DomainError) -> Value {
        try contents.withLock { tables in
            Result { () throws(DomainError) in try body(&tables) }
        }.get()
    }

    @discardableResult
    func addPermission(_ name: String, isBuiltIn: Bool = false, at instant: Timestamp) -> Permission? {
        guard let name = PermissionName(name) else { return nil }
        let permission = Permission(
            id: .make(at: instant),
            name: name,
            description: "",
            isBuiltIn: isBuiltIn,
            createdAt: instant
        )
        contents.withLock { $0.permissions[permission.id] = permission }
        return permission
    }

    @discardableResult
    func addRole(
        _ name: String,
        _ permissions: Set<String> = [],
        isBuiltIn: Bool = false,
        grantsAllPermissions: Bool = false,
        at instant: Timestamp
    ) -> Role {
        let role = Role(
            id: .make(at: instant),
            name: name,
            description: "",
            isBuiltIn: isBuiltIn,
            grantsAllPermissions: grantsAllPermissions,
            permissions: permissions,
            createdAt: instant,
            updatedAt: instant
        )
        contents.withLock { $0.roles[role.id] = role }
        return role
    }
}
