// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

@Suite struct APIKeyServiceTests {
    private let installation: Installation
    private let owner: User

    init() throws {
        installation = try Installation()
        installation.addRole("ops", ["x:r"])
        _ = try installation.permission("x:w")
        owner = try installation.addUser(roles: ["user", "ops"])
    }

    private var apiKeys: APIKeyService { installation.apiKeys }
    private var initiator: Initiator { get throws { .principal(try installation.token(of: owner)) } }

    private func create(
        for owner: User? = nil,
        _ grants: Grants = Grants(),
        expiresAt: Timestamp? = nil
    ) async throws(DomainError) -> APIKeyService.Created {
        let new = NewAPIKey(
            owner: (owner ?? self.owner).id,
            name: "deploy",
            grants: grants,
            expiresAt: expiresAt
        )
        return try await apiKeys.create(new, by: .shell)
    }

    @Test func create_storesTheKeyUnderTheHashOfItsSecret() async throws {
        let now = installation.clock.now()
        let grants = Grants(roles: ["ops"], permissions: ["x:r"])
        let created = try await create(grants, expiresAt: now + .seconds(1))
        let secret = try #require(installation.format.parse(created.secret.exposed))

        #expect(installation.apiKeyRepository.stored == [try installation.keyHasher.hash(secret): created.key])
        #expect(created.key.ownerID == owner.id)
        #expect(created.key.name == "deploy")
        #expect(created.key.prefix == "pst")
        #expect(created.key.lastFour == String(created.secret.exposed.suffix(4)))
        #expect(created.key.grants == grants)
        #expect(created.key.createdAt == now)
        #expect(created.key.expiresAt == now + .seconds(1))
        #expect(created.key.lastUsedAt == nil)
        #expect(created.secret.exposed.hasPrefix("pst_"))
        #expect(!"\(created.key)".contains(created.secret.exposed))
    }

    @Test(arguments: [
        Grants(roles: ["admin"]), Grants(roles: ["ops", "admin"]), Grants(permissions: ["x:w"]),
        Grants(roles: ["user"], permissions: ["x:r", "y:r"]), Grants(roles: ["x:r"]), Grants(permissions: ["ops"]),
    ])
    func create_whenTheOwnerHoldsLess_isRefused(grants: Grants) async {
        #expect(await failure { try await create(grants) }?.code == .grantExceedsOwn)
        #expect(installation.apiKeyRepository.stored.isEmpty)
    }

    @Test(arguments: [Duration.zero, .microseconds(-1), .seconds(-86_400)])
    func create_whenItWouldBeOver_namesTheField(offset: Duration) async {
        let error = await failure { try await create(expiresAt: installation.clock.now() + offset) }
        #expect(error?.code == .validationFailed)
        #expect(error?.fields == [.init("expires_at", code: "in_past", message: "must be in the future")])
        #expect(installation.apiKeyRepository.stored.isEmpty)
    }

    @Test func create_forNobodyWhoIsActive_isRefused() async throws {
        let inactive = try installation.addUser("grace", isActive: false)
        let gone = try installation.addUser("alan")
        try installation.remove(gone)
        #expect(await failure { try await create(for: inactive) }?.code == .forbidden)
        #expect(await failure { try await create(for: gone) }?.fields.map(\.name) == ["owner_id"])
        #expect(installation.apiKeyRepository.stored.isEmpty)
    }

    @Test func create_withoutAnOwner_isForTheInitiator() async throws {
        let new = NewAPIKey(name: "deploy")
        #expect(try await apiKeys.create(new, by: initiator).key.ownerID == owner.id)
        let error = await failure { try await apiKeys.create(new, by: .shell) }
        #expect(error?.fields.map(\.code) == ["required"])
    }

    @Test func keyOfSomebodyElse_isNotThereForThoseWhoManageNone() async throws {
        let key = try await create(for: try installation.addUser("grace")).key
        let initiator = try initiator
        let before = installation.store.tables
        let outcomes = [
            await failure { try await apiKeys.find(key.id, by: initiator) },
            await failure { try await apiKeys.change(key.id, APIKeyChanges(name: .set("mine")), by: initiator) },
            await failure { try await apiKeys.rotate(key.id, overlap: .zero, by: initiator) },
            await failure { try await apiKeys.revoke(key.id, by: initiator) },
        ]
        #expect(outcomes.map { $0?.description } == Array(repeating: "not_found: There is no such API key.", count: 4))
        #expect(installation.store.tables == before)
    }

    @Test func somebodyElse_cannotBeNamedByThoseWhoManageNone() async throws {
        let other = try installation.addUser("grace")
        let initiator = try initiator
        let new = NewAPIKey(owner: other.id, name: "deploy")
        #expect(await failure { try await apiKeys.create(new, by: initiator) }?.code == .forbidden)
        let list = await failure { try await apiKeys.list(owner: other.id, by: initiator, after: nil, limit: 1) }
        #expect(list?.code == .forbidden)
        #expect(try await apiKeys.list(owner: owner.id, by: initiator, after: nil, limit: 1).items.isEmpty)
    }

    @Test func revoke_endsTheKeyOnce() async throws {
        let key = try await create().key
        let initiator = try initiator
        try await apiKeys.revoke(key.id, by: initiator)
        #expect(await failure { try await apiKeys.find(key.id, by: initiator) }?.code == .notFound)
        #expect(await failure { try await apiKeys.revoke(key.id, by: initiator) }?.code == .notFound)
    }

    @Test func list_goesThroughTheKeysPageByPage() async throws {
        var keys: [APIKey] = []
        for _ in 0..<5 {
            keys.insert(try await create().key, at: 0)
            installation.clock.advance(by: .milliseconds(1))
        }
        let other = try await create(for: try installation.addUser("grace")).key

        let initiator = try initiator
        let first = try await apiKeys.list(by: initiator, after: nil, limit: 2)
        #expect(first.items == Array(keys[0..<2]))
        #expect(first.hasMore)
        let second = try await apiKeys.list(by: initiator, after: first.items.last?.id, limit: 2)
        #expect(second.items == Array(keys[2..<4]))
        #expect(second.hasMore)
        let third = try await apiKeys.list(by: initiator, after: second.items.last?.id, limit: 2)
        #expect(third.items == Array(keys[4..<5]))
        #expect(!third.hasMore)
        #expect(try await !apiKeys.list(by: initiator, after: nil, limit: 5).hasMore)

        #expect(try await apiKeys.list(by: .shell, after: nil, limit: 9).items == [other] + keys)
        #expect(try await apiKeys.list(owner: owner.id, by: .shell, after: nil, limit: 9).items == keys)
    }
}
