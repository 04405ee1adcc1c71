// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct PermissionServiceTests {
    private let installation: Installation
    private let ada: User

    init() throws {
        installation = try Installation()
        installation.addRole("staff", ["permissions:write"])
        ada = try installation.addUser(roles: ["staff"])
    }

    private var permissions: PermissionService { installation.permissions }

    private func create(_ text: String) async throws -> Permission {
        let initiator = Initiator.principal(try installation.token(of: ada))
        return try await permissions.create(#require(PermissionName(text)), description: "d", by: initiator)
    }

    @Test func create_storesThePermissionWhichOnlyAdministratorsHold() async throws {
        let root = try installation.addUser("root", roles: ["admin"])
        let permission = try await create("x:r")
        #expect(permission.name.description == "x:r" && permission.description == "d" && !permission.isBuiltIn)
        #expect(try await permissions.find(permission.id) == permission)
        #expect(try installation.profile(of: ada).grants.permissions == ["permissions:write"])
        #expect(try installation.profile(of: root).grants.permissions.contains("x:r"))
    }

    @Test(arguments: ["x:r", "users:read"])
    func create_underANameThatIsTaken_isAConflict(text: String) async throws {
        _ = try installation.permission("x:r")
        #expect(await failure { try await create(text) }?.code == .conflict)
    }

    @Test(arguments: InMemoryStore.builtInPermissions)
    func delete_ofABuiltInPermission_isAConflict(text: String) async throws {
        let id = try installation.permission(text).id
        #expect(await failure { try await permissions.delete(id, by: .shell) }?.code == .conflict)
        #expect(try await permissions.find(id).isBuiltIn)
    }

    @Test func delete_whenGiven_saysByHowMany() async throws {
        let role = installation.addRole("ops", ["x:r"])
        try installation.setRoles(of: ada, ["ops"])
        let new = NewAPIKey(
            owner: ada.id,
            name: "k",
            grants: Grants(permissions: ["x:r"]),
            expiresAt: installation.clock.now() + .seconds(1)
        )
        _ = try await installation.apiKeys.create(new, by: .shell)
        let id = try installation.permission("x:r").id
        func detail() async -> String? { await failure { try await permissions.delete(id, by: .shell) }?.description }

        #expect(await detail() == "conflict: This permission is in use by 1 role, 1 API key.")
        try installation.setPermissions(of: role, [])
        #expect(await detail() == "conflict: This permission is in use by 1 API key.")
        installation.clock.advance(by: .seconds(1))
        #expect(await detail() == nil)
        #expect(await detail() == "not_found: There is no such permission.")
    }

    @Test func list_goesPageByPage() async throws {
        let count = InMemoryStore.builtInPermissions.count
        let first = try await permissions.list(after: nil, limit: count - 1)
        let second = try await permissions.list(after: first.items.last?.id, limit: count - 1)
        #expect(first.hasMore && first.items.count == count - 1)
        #expect(!second.hasMore && second.items.count == 1)
    }
}
