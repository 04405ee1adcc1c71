// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct RoleServiceTests {
    private let installation: Installation
    private let ops: Role

    init() throws {
        installation = try Installation()
        ops = installation.addRole("ops", ["x:r"])
        installation.clock.advance(by: .seconds(1))
    }

    private var roles: RoleService { installation.roles }

    private func name(_ text: String) throws -> RoleName {
        try #require(RoleName(text))
    }

    private func create(_ text: String, _ permissions: Set<String> = []) async throws -> Role {
        try await roles.create(named: name(text), description: "d", permissions: permissions, by: .shell)
    }

    @Test func create_storesTheRoleWithItsPermissions() async throws {
        let role = try await create("audit", ["x:r", "users:read"])
        #expect(role.permissions == ["x:r", "users:read"])
        #expect(!role.isBuiltIn && !role.grantsAllPermissions)
        #expect(role.createdAt == installation.clock.now() && role.updatedAt == role.createdAt)
        #expect(try await roles.find(role.id) == role)
        #expect(try await roles.find(named: "audit") == role)
    }

    @Test(arguments: ["ops", "admin", "user"])
    func create_underANameThatIsTaken_isAConflict(text: String) async {
        #expect(await failure { try await create(text) }?.code == .conflict)
    }

    @Test func create_withAPermissionThatDoesNotExist_namesTheFieldAndStoresNothing() async throws {
        let before = installation.store.tables
        let error = await failure { try await create("audit", ["x:r", "no:such"]) }
        #expect(error?.code == .validationFailed)
        #expect(error?.fields.map(\.name) == ["permissions"])
        #expect(installation.store.tables == before)
    }

    @Test func change_writesWhatIsSaidAndKeepsTheRest() async throws {
        let renamed = try await roles.change(ops.id, name: .set(name("sre")), description: .keep, by: .shell)
        #expect(renamed.name == "sre" && renamed.description == "" && renamed.permissions == ["x:r"])
        #expect(renamed.createdAt == ops.createdAt && renamed.updatedAt == installation.clock.now())
        let described = try await roles.change(ops.id, name: .keep, description: .set("d"), by: .shell)
        #expect(described.name == "sre" && described.description == "d")
        #expect(try await roles.find(ops.id) == described)
    }

    @Test func change_toANameThatIsTaken_isAConflict() async throws {
        _ = try await create("audit")
        let error = await failure {
            try await roles.change(ops.id, name: .set(name("audit")), description: .keep, by: .shell)
        }
        #expect(error?.code == .conflict)
        #expect(try await roles.find(ops.id) == ops)
    }

    @Test(arguments: ["admin", "user"])
    func builtInRole_keepsItsNameAndStays(text: String) async throws {
        let role = try installation.role(text)
        let error = await failure {
            try await roles.change(role.id, name: .set(name("other")), description: .keep, by: .shell)
        }
        #expect(error?.code == .conflict)
        #expect(await failure { try await roles.delete(role.id, by: .shell) }?.code == .conflict)
        let changed = try await roles.change(role.id, name: .set(name(text)), description: .set("d"), by: .shell)
        #expect(changed.name == text && changed.description == "d" && changed.isBuiltIn)
        #expect(changed.permissions == role.permissions)
    }

    @Test func admin_holdsEveryPermissionAlways() async throws {
        let admin = try installation.role("admin")
        let permission = try installation.permission("x:r").id
        #expect(await failure { try await roles.attach(permission, to: admin.id, by: .shell) }?.code == .conflict)
        #expect(await failure { try await roles.detach(permission, from: admin.id, by: .shell) }?.code == .conflict)
        let all = try await roles.permissions(of: admin.id, after: nil, limit: 100).items
        #expect(Set(all.map(\.name.description)) == installation.store.tables.permissionNames)
    }

    @Test func roleOfEveryone_mayGetPermissions() async throws {
        let (role, permission) = (try installation.role("user"), try installation.permission("x:r"))
        try await roles.attach(permission.id, to: role.id, by: .shell)
        #expect(try await roles.find(role.id).permissions == ["x:r"])
    }

    @Test func attachAndDetach_changeTheRoleOnce() async throws {
        let permission = try installation.permission("x:w")
        for _ in 0..<2 {
            try await roles.attach(permission.id, to: ops.id, by: .shell)
            let role = try await roles.find(ops.id)
            #expect(role.permissions == ["x:r", "x:w"])
            #expect(role.updatedAt == ops.updatedAt + .seconds(1))
            installation.clock.advance(by: .seconds(1))
        }
        for _ in 0..<2 {
            try await roles.detach(permission.id, from: ops.id, by: .shell)
            let role = try await roles.find(ops.id)
            #expect(role.permissions == ["x:r"])
            #expect(role.updatedAt == ops.updatedAt + .seconds(3))
            installation.clock.advance(by: .seconds(1))
        }
    }

    @Test func delete_whenHeld_saysByHowMany() async throws {
        let ada = try installation.addUser("ada", roles: ["ops"])
        try installation.addUser("grace", roles: ["ops"])
        let now = installation.clock.now()
        for expiry in [nil, now + .seconds(60), now + .seconds(1)] {
            let new = NewAPIKey(owner: ada.id, name: "k", grants: Grants(roles: ["ops"]), expiresAt: expiry)
            _ = try await installation.apiKeys.create(new, by: .shell)
        }
        func detail() async -> String? { await failure { try await roles.delete(ops.id, by: .shell) }?.description }
        #expect(await detail() == "conflict: This role is in use by 2 users, 3 API keys.")
        installation.clock.advance(by: .seconds(1))
        try installation.setRoles(of: ada, [])
        #expect(await detail() == "conflict: This role is in use by 1 user, 2 API keys.")
        installation.clock.advance(by: .seconds(60))
        #expect(await detail() == "conflict: This role is in use by 1 user, 1 API key.")
    }

    @Test func delete_whenNobodyHoldsIt_removesIt() async throws {
        try await roles.delete(ops.id, by: .shell)
        #expect(await failure { try await roles.find(ops.id) }?.code == .notFound)
        #expect(await failure { try await roles.delete(ops.id, by: .shell) }?.code == .notFound)
    }

    @Test func whatIsNotThere_isNotFound() async throws {
        let (nothing, permission) = (Identifier<Role>.make(at: ops.createdAt), try installation.permission("x:r").id)
        let none = Identifier<Permission>.make(at: ops.createdAt)
        let outcomes = [
            await failure { try await roles.find(nothing) },
            await failure { try await roles.find(named: "nothing") },
            await failure { try await roles.change(nothing, name: .keep, description: .keep, by: .shell) },
            await failure { try await roles.permissions(of: nothing, after: nil, limit: 1) },
            await failure { try await roles.attach(permission, to: nothing, by: .shell) },
            await failure { try await roles.attach(none, to: ops.id, by: .shell) },
            await failure { try await roles.detach(permission, from: nothing, by: .shell) },
            await failure { try await roles.detach(none, from: ops.id, by: .shell) },
        ]
        #expect(outcomes.allSatisfy { $0?.code == .notFound })
    }

    @Test func lists_goPageByPage() async throws {
        let all = Set(installation.store.tables.roles.keys)
        let first = try await roles.list(after: nil, limit: 2)
        let second = try await roles.list(after: first.items.last?.id, limit: 2)
        #expect(first.hasMore && !second.hasMore)
        #expect(Set((first.items + second.items).map(\.id)) == all)
        #expect(try await roles.permissions(of: ops.id, after: nil, limit: 5).items.map(\.name.description) == ["x:r"])
    }
}
