// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

/// Nobody gives, takes, or changes more than they hold, by whatever door.
@Suite struct AuthorityTests {
    @Test(arguments: Door.allCases)
    func door_whenAllIsWithinOnesOwn_isOpen(door: Door) async throws {
        for byKey in [false, true] {
            let stage = try await Stage()
            let principal = byKey ? try await stage.key() : try stage.token
            #expect(await stage.outcome(of: door, by: .principal(principal)) == nil)
        }
    }

    @Test(arguments: Door.allCases, [Stage.Level.beyond, .administrator])
    func door_whenItIsMoreThanOnesOwn_isShut(door: Door, level: Stage.Level) async throws {
        for byKey in [false, true] {
            let stage = try await Stage(level)
            let principal = byKey ? try await stage.key() : try stage.token
            #expect(await stage.outcome(of: door, by: .principal(principal)) == door.refusalBeyondOwn)
        }
    }

    /// What the owner of a key may do counts for nothing that the key was not given.
    @Test(arguments: Door.allCases)
    func door_byAKeyThatHoldsLessThanItsOwner_isShut(door: Door) async throws {
        let stage = try await Stage()
        let key = try await stage.key(without: ["x:r"])
        #expect(await stage.outcome(of: door, by: .principal(key)) == door.refusalBeyondOwn)
    }

    /// The role `admin` is more than any list of permissions, even of all there are.
    @Test(arguments: Door.allCases.filter { $0 != .deletePermission })
    func door_byAKeyOfAnAdministratorWithoutTheRole_isShut(door: Door) async throws {
        let stage = try await Stage(.administrator)
        let grants = Grants(permissions: stage.installation.store.tables.permissionNames)
        let key = try await stage.installation.key(of: stage.administrator, grants)
        let refusal = [.createRole, .attachPermission].contains(door) ? nil : door.refusalBeyondOwn
        #expect(await stage.outcome(of: door, by: .principal(key)) == refusal)
    }

    @Test(arguments: Door.allCases, [Stage.Level.within, .beyond])
    func door_byAnAdministratorOrFromAShell_isOpen(door: Door, level: Stage.Level) async throws {
        let stage = try await Stage(level)
        #expect(await stage.outcome(of: door, by: .shell) == nil)

        let other = try await Stage(level)
        let token = try other.installation.token(of: other.administrator)
        #expect(await other.outcome(of: door, by: .principal(token)) == nil)

        let third = try await Stage(level)
        let key = try await third.installation.key(of: third.administrator, Grants(roles: ["admin"]))
        #expect(await third.outcome(of: door, by: .principal(key)) == nil)
    }

    @Test(arguments: [Stage.Level.within, .beyond])
    func createUser_withRolesButWithoutTheRightToAssign_isForbidden(level: Stage.Level) async throws {
        let stage = try await Stage(level)
        let key = try await stage.key(without: [BuiltIn.Permission.rolesAssign])
        #expect(await stage.outcome(of: .createUserWithRole, by: .principal(key)) == .forbidden)
        #expect(await stage.outcome(of: .createUser, by: .principal(key)) == nil)
    }

    /// A role that one holds must not grow by one's own hand.
    @Test func attach_toARoleThatOneHolds_givesNothingNew() async throws {
        let stage = try await Stage(.beyond)
        let initiator = Initiator.principal(try stage.token)
        let roles = stage.installation.roles
        let error = await failure {
            try await roles.attach(stage.permission.id, to: try stage.staff.id, by: initiator)
        }
        #expect(error?.code == .grantExceedsOwn)
        #expect(error?.detail == "The permission x:w goes beyond what you hold.")
    }

    /// A key that holds less than its owner is not its owner.
    @Test func owner_isOutOfReachOfALesserKey() async throws {
        let stage = try await Stage()
        let users = stage.installation.userService
        let key = Initiator.principal(try await stage.key(without: ["x:r"]))
        let changes = UserChanges(isActive: .set(false))
        #expect(await failure { try await users.change(stage.ada.id, changes, by: key) }?.code == .forbidden)
        #expect(await failure { try await users.delete(stage.ada.id, by: key) }?.code == .forbidden)
        let staff = try stage.staff.id
        #expect(await failure { try await users.unassign(staff, from: stage.ada.id, by: key) }?.code == .forbidden)
    }

    @Test func oneself_isWithinOnesReach() async throws {
        let stage = try await Stage()
        let users = stage.installation.userService
        let initiator = Initiator.principal(try stage.token)
        _ = try await users.change(stage.ada.id, UserChanges(displayName: .set("Ada L.")), by: initiator)
        try await users.unassign(try stage.staff.id, from: stage.ada.id, by: initiator)
        #expect(try stage.installation.profile(of: stage.ada).grants == Grants(roles: ["user"]))
    }
}
