// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

/// What a key in hand does to its owner's other keys.
@Suite struct APIKeyAuthorityTests {
    private let installation: Installation
    private let owner: User

    init() throws {
        installation = try Installation()
        installation.addRole("manager", ["api_keys:manage"])
        installation.addRole("ops", ["x:r"])
        owner = try installation.addUser(roles: ["manager", "ops"])
    }

    private var apiKeys: APIKeyService { installation.apiKeys }

    private func made(_ grants: Grants, by initiator: Initiator) async -> ErrorCode? {
        await failure { try await apiKeys.create(NewAPIKey(name: "other", grants: grants), by: initiator) }?.code
    }

    private static let table: [(inHand: Grants, other: Grants, isWithin: Bool)] = [
        (Grants(roles: ["manager", "ops"]), Grants(roles: ["manager", "ops"]), true),
        (Grants(roles: ["manager", "ops"]), Grants(permissions: ["x:r"]), true),
        (Grants(roles: ["manager"]), Grants(), true),
        (Grants(roles: ["manager"]), Grants(permissions: ["api_keys:manage"]), true),
        (Grants(permissions: ["api_keys:manage", "x:r"]), Grants(permissions: ["x:r"]), true),
        (Grants(permissions: ["api_keys:manage"]), Grants(permissions: ["x:r"]), false),
        // A role brings its permissions, also those that it is given later.
        (Grants(permissions: ["api_keys:manage"]), Grants(roles: ["ops"]), false),
        (Grants(roles: ["manager"]), Grants(roles: ["ops"]), false),
        (Grants(permissions: ["api_keys:manage", "x:r"]), Grants(roles: ["ops"]), false),
    ]

    @Test(arguments: table)
    func key_reachesOnlyKeysWithinItsOwnGrants(inHand: Grants, other: Grants, isWithin: Bool) async throws {
        let key = Initiator.principal(try await installation.key(of: owner, inHand))
        let refusal: ErrorCode? = isWithin ? nil : .grantExceedsOwn
        #expect(await made(other, by: key) == refusal)

        let id = try await apiKeys.create(NewAPIKey(owner: owner.id, name: "other", grants: other), by: .shell).key.id
        let name = APIKeyChanges(name: .set("renamed"))
        #expect(await failure { try await apiKeys.change(id, name, by: key) }?.code == refusal)
        #expect(await failure { try await apiKeys.rotate(id, overlap: .seconds(1), by: key) }?.code == refusal)
        #expect(await failure { try await apiKeys.revoke(id, by: key) }?.code == refusal)
    }

    @Test(arguments: table)
    func key_givesAnotherOnlyWhatItHolds(inHand: Grants, other: Grants, isWithin: Bool) async throws {
        let key = Initiator.principal(try await installation.key(of: owner, inHand))
        let id = try await apiKeys.create(NewAPIKey(owner: owner.id, name: "other"), by: .shell).key.id
        let changes = APIKeyChanges(roles: .set(other.roles), permissions: .set(other.permissions))
        let error = await failure { try await apiKeys.change(id, changes, by: key) }
        #expect(error?.code == (isWithin ? nil : .grantExceedsOwn))
    }

    @Test(arguments: [Grants(), Grants(roles: ["ops"]), Grants(permissions: ["x:r"])])
    func keyWithoutTheRightToManage_managesNoKeys(grants: Grants) async throws {
        let principal = try await installation.key(of: owner, grants)
        guard case .apiKey(let own) = principal.credential else { throw DomainError(.internal, "no key") }
        let key = Initiator.principal(principal)
        let before = installation.store.tables
        let outcomes = [
            await made(Grants(), by: key),
            await failure { try await apiKeys.find(own, by: key) }?.code,
            await failure { try await apiKeys.list(by: key, after: nil, limit: 1) }?.code,
            await failure { try await apiKeys.change(own, APIKeyChanges(name: .set("n")), by: key) }?.code,
            await failure { try await apiKeys.rotate(own, overlap: .zero, by: key) }?.code,
            await failure { try await apiKeys.revoke(own, by: key) }?.code,
        ]
        #expect(outcomes == Array(repeating: .forbidden, count: 6))
        #expect(installation.store.tables == before)
    }

    @Test func keyOfAnAdministrator_needsTheRoleForKeysWithTheRole() async throws {
        let root = try installation.addUser("root", roles: ["admin", "ops"])
        let all = Grants(permissions: installation.store.tables.permissionNames)
        let lesser = Initiator.principal(try await installation.key(of: root, all))
        #expect(await made(Grants(roles: ["admin"]), by: lesser) == .grantExceedsOwn)
        #expect(await made(all, by: lesser) == nil)
        let full = Initiator.principal(try await installation.key(of: root, Grants(roles: ["admin"])))
        #expect(await made(Grants(roles: ["admin", "ops"]), by: full) == nil)
    }

    /// A token older than the loss of `api_keys:manage` still reaches one's own keys, as any token does.
    @Test func tokenFromBeforeTheLossOfTheRightToManage_reachesOnesOwnKeysAlone() async throws {
        let initiator = Initiator.principal(try installation.token(of: owner))
        let grace = try installation.addUser("grace")
        let other = try await apiKeys.create(NewAPIKey(owner: grace.id, name: "k"), by: .shell).key.id
        try installation.setRoles(of: owner, ["ops"])
        #expect(await failure { try await apiKeys.revoke(other, by: initiator) }?.code == .notFound)
        let own = try await apiKeys.create(NewAPIKey(name: "k", grants: Grants(roles: ["ops"])), by: initiator).key
        try await apiKeys.revoke(own.id, by: initiator)
    }
}
