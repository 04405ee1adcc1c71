// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct APIKeyChangeTests {
    private let installation: Installation
    private let owner: User
    private let initiator: Initiator
    private let key: APIKey

    init() async throws {
        installation = try Installation()
        installation.addRole("ops", ["x:r"])
        _ = try installation.permission("x:w")
        owner = try installation.addUser(roles: ["user", "ops"])
        initiator = .principal(try installation.token(of: owner))
        let new = NewAPIKey(
            name: "deploy",
            grants: Grants(roles: ["ops"], permissions: ["x:r"]),
            expiresAt: installation.clock.now() + .seconds(60)
        )
        key = try await installation.apiKeys.create(new, by: initiator).key
    }

    private func change(_ changes: APIKeyChanges) async throws(DomainError) -> APIKey {
        try await installation.apiKeys.change(key.id, changes, by: initiator)
    }

    private func stored() async throws -> APIKey {
        try await installation.apiKeys.find(key.id, by: initiator)
    }

    @Test func change_ofNothing_keepsEverything() async throws {
        #expect(try await change(APIKeyChanges()) == key)
        #expect(try await stored() == key)
    }

    @Test func change_writesWhatIsSaidAndKeepsTheRest() async throws {
        let changed = try await change(APIKeyChanges(name: .set("new"), permissions: .set([])))
        #expect(changed.name == "new")
        #expect(changed.grants == Grants(roles: ["ops"]))
        #expect(changed.expiresAt == key.expiresAt && changed.lastFour == key.lastFour)
        #expect(try await stored() == changed)
        #expect(try await change(APIKeyChanges(roles: .set([]), expiresAt: .set(nil))).grants == Grants())
        #expect(try await stored().expiresAt == nil)
    }

    @Test(arguments: [
        APIKeyChanges(roles: .set(["admin"])), APIKeyChanges(roles: .set(["ops", "admin"])),
        APIKeyChanges(permissions: .set(["x:w"])), APIKeyChanges(permissions: .set(["x:r", "no:such"])),
    ])
    func change_toMoreThanTheOwnerHolds_isRefused(changes: APIKeyChanges) async throws {
        #expect(await failure { try await change(changes) }?.code == .grantExceedsOwn)
        let error = await failure { try await installation.apiKeys.change(key.id, changes, by: .shell) }
        #expect(error?.code == .grantExceedsOwn)
        #expect(try await stored() == key)
    }

    @Test func change_afterTheOwnerLostARole_stillRenamesButGivesNothingBack() async throws {
        try installation.setRoles(of: owner, ["user"])
        _ = try await change(APIKeyChanges(name: .set("new")))
        let error = await failure { try await change(APIKeyChanges(permissions: .set([]))) }
        #expect(error?.code == .grantExceedsOwn)
        #expect(try await change(APIKeyChanges(roles: .set([]), permissions: .set([]))).grants == Grants())
    }

    @Test func change_ofGrants_whenTheOwnerIsNotActive_isForbidden() async throws {
        try installation.deactivate(owner)
        let keys = installation.apiKeys
        let fewer = APIKeyChanges(permissions: .set([]))
        #expect(await failure { try await keys.change(key.id, fewer, by: .shell) }?.code == .forbidden)
        _ = try await keys.change(key.id, APIKeyChanges(name: .set("new")), by: .shell)
    }

    @Test(arguments: [Duration.zero, .microseconds(-1)])
    func change_toAnExpiryThatIsPast_namesTheField(offset: Duration) async throws {
        let instant = installation.clock.now() + offset
        let error = await failure { try await change(APIKeyChanges(expiresAt: .set(instant))) }
        #expect(error?.fields == [.init("expires_at", code: "in_past", message: "must be in the future")])
        #expect(try await stored() == key)
    }

    /// An expired key stays dead: what had leaked meanwhile must not come back.
    @Test(arguments: [nil, Duration.seconds(3600)])
    func change_ofTheExpiryOfAnExpiredKey_isRefused(lifetime: Duration?) async throws {
        installation.clock.advance(by: .seconds(60))
        let expiresAt = lifetime.map { installation.clock.now() + $0 }
        let error = await failure { try await change(APIKeyChanges(expiresAt: .set(expiresAt))) }
        #expect(error?.code == .validationFailed)
        #expect(error?.fields.map(\.name) == ["expires_at"] && error?.fields.map(\.code) == ["expired"])
        #expect(try await stored() == key)
        #expect(try await change(APIKeyChanges(name: .set("old"))).name == "old")
    }
}
