// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services

/// Every way to change what somebody is, or may do.
enum Door: CaseIterable {
    case createUser, createUserWithRole, changeUser, deactivateUser, deleteUser
    case assignRole, assignToHolder, unassignRole
    case createRole, changeRole, deleteRole, attachPermission, detachPermission
    case createPermission, deletePermission
    case createKey, changeKey, rotateKey, revokeKey

    /// Without it the door is shut.
    var permission: String {
        switch self {
        case .createUser, .createUserWithRole, .changeUser, .deactivateUser: BuiltIn.Permission.usersWrite
        case .deleteUser: BuiltIn.Permission.usersDelete
        case .assignRole, .assignToHolder, .unassignRole: BuiltIn.Permission.rolesAssign
        case .createRole, .changeRole, .attachPermission, .detachPermission: BuiltIn.Permission.rolesWrite
        case .deleteRole: BuiltIn.Permission.rolesDelete
        case .createPermission, .deletePermission: BuiltIn.Permission.permissionsWrite
        case .createKey, .changeKey, .rotateKey, .revokeKey: BuiltIn.Permission.apiKeysManage
        }
    }

    /// What meets those who hold less than what is changed, or given.
    var refusalBeyondOwn: ErrorCode? {
        switch self {
        case .createUser, .createPermission, .deletePermission: nil
        case .createUserWithRole, .assignRole, .createRole, .changeRole, .deleteRole, .attachPermission,
            .detachPermission:
            .grantExceedsOwn
        case .changeUser, .deactivateUser, .deleteUser, .assignToHolder, .unassignRole, .createKey, .changeKey,
            .rotateKey, .revokeKey:
            .forbidden
        }
    }

    /// Whether something that is there is changed, so that it can have changed before.
    var takesPrecondition: Bool {
        switch self {
        case .createUser, .createUserWithRole, .createRole, .createPermission, .createKey: false
        default: true
        }
    }

    func pass(on stage: Stage, by initiator: Initiator, isStale: Bool = false) async throws {
        let (users, roles) = (stage.installation.userService, stage.installation.roles)
        let (permissions, keys) = (stage.installation.permissions, stage.installation.apiKeys)
        switch self {
        case .createUser: _ = try await users.create(try Self.newUser(), by: initiator)
        case .createUserWithRole:
            _ = try await users.create(try Self.newUser(roles: [stage.spare.name]), by: initiator)
        case .changeUser:
            let changes = UserChanges(email: .set(try Self.address()))
            _ = try await users.change(stage.grace.id, changes, by: initiator, if: .fails(isStale))
        case .deactivateUser:
            let changes = UserChanges(isActive: .set(false))
            _ = try await users.change(stage.grace.id, changes, by: initiator, if: .fails(isStale))
        case .deleteUser: try await users.delete(stage.grace.id, by: initiator, if: .fails(isStale))
        case .assignRole: try await users.assign(stage.spare.id, to: stage.bob.id, by: initiator, if: .fails(isStale))
        case .assignToHolder:
            try await users.assign(stage.empty.id, to: stage.grace.id, by: initiator, if: .fails(isStale))
        case .unassignRole:
            try await users.unassign(stage.role.id, from: stage.grace.id, by: initiator, if: .fails(isStale))
        case .createRole:
            let name = try Self.made(RoleName("new"))
            let given: Set = [stage.permission.name.description]
            _ = try await roles.create(named: name, description: "", permissions: given, by: initiator)
        case .changeRole:
            let text = Change.set("other")
            _ = try await roles.change(
                stage.role.id,
                name: .keep,
                description: text,
                by: initiator,
                if: .fails(isStale)
            )
        case .deleteRole: try await roles.delete(stage.spare.id, by: initiator, if: .fails(isStale))
        case .attachPermission:
            try await roles.attach(stage.permission.id, to: stage.empty.id, by: initiator, if: .fails(isStale))
        case .detachPermission:
            try await roles.detach(stage.permission.id, from: stage.role.id, by: initiator, if: .fails(isStale))
        case .createPermission:
            _ = try await permissions.create(
                try Self.made(PermissionName("new:thing")),
                description: "",
                by: initiator
            )
        case .deletePermission: try await permissions.delete(stage.unused.id, by: initiator, if: .fails(isStale))
        case .createKey:
            let new = NewAPIKey(owner: stage.grace.id, name: "new", grants: Grants(roles: [stage.role.name]))
            _ = try await keys.create(new, by: initiator)
        case .changeKey:
            let changes = APIKeyChanges(name: .set("other"))
            _ = try await keys.change(stage.key.id, changes, by: initiator, if: .fails(isStale))
        case .rotateKey: _ = try await keys.rotate(stage.key.id, overlap: .zero, by: initiator, if: .fails(isStale))
        case .revokeKey: try await keys.revoke(stage.key.id, by: initiator, if: .fails(isStale))
        }
    }

    private static func newUser(roles: Set<String>? = nil) throws -> NewUser {
        NewUser(email: try address(), roles: roles)
    }

    private static func address() throws -> EmailAddress {
        try made(EmailAddress("new@example.com"))
    }

    private static func made<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw DomainError(.internal, "The test is wrong.") }
        return value
    }
}

extension Precondition {
    /// Holds unless `isStale`.
    static func fails(_ isStale: Bool = true) -> Precondition {
        Precondition { _ throws(DomainError) in
            if isStale { throw DomainError(.staleVersion, "It has changed.") }
        }
    }
}
