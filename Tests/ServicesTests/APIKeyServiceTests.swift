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
        owner = try installation.addUser(grants: Grants(roles: ["user", "ops"], permissions: ["x:r"]))
    }

    private func create(
        for owner: User? = nil,
        _ grants: Grants = Grants(),
        expiresAt: Timestamp? = nil
    ) async throws(DomainError) -> APIKeyService.Created {
        try await installation.apiKeys.create(
            for: (owner ?? self.owner).id,
            name: "deploy",
            grants: grants,
            expiresAt: expiresAt
        )
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

    @Test func create_forNobodyWhoIsActive_isForbidden() async throws {
        let inactive = try installation.addUser("grace", isActive: false)
        let gone = try installation.addUser("alan")
        installation.users.remove(gone.id)
        #expect(await failure { try await create(for: inactive) }?.code == .forbidden)
        #expect(await failure { try await create(for: gone) }?.code == .forbidden)
        #expect(installation.apiKeyRepository.stored.isEmpty)
    }

    @Test func findAndRevoke_ofTheKeyOfSomebodyElse_findNothing() async throws {
        let other = try installation.addUser("grace")
        let key = try await create().key
        let apiKeys = installation.apiKeys
        #expect(await failure { try await apiKeys.find(key.id, owner: other.id) }?.code == .notFound)
        #expect(await failure { try await apiKeys.revoke(key.id, owner: other.id) }?.code == .notFound)
        #expect(try await apiKeys.find(key.id, owner: owner.id) == key)
    }

    @Test func revoke_endsTheKeyOnce() async throws {
        let key = try await create().key
        let apiKeys = installation.apiKeys
        try await apiKeys.revoke(key.id, owner: owner.id)
        #expect(await failure { try await apiKeys.find(key.id, owner: owner.id) }?.code == .notFound)
        #expect(await failure { try await apiKeys.revoke(key.id, owner: owner.id) }?.code == .notFound)
    }

    @Test func list_goesThroughTheKeysOfTheOwnerPageByPage() async throws {
        var keys: [APIKey] = []
        for _ in 0..<5 {
            keys.insert(try await create().key, at: 0)
            installation.clock.advance(by: .milliseconds(1))
        }
        _ = try await create(for: try installation.addUser("grace"))

        let apiKeys = installation.apiKeys
        let first = try await apiKeys.list(owner: owner.id, after: nil, limit: 2)
        #expect(first.keys == Array(keys[0..<2]))
        #expect(first.hasMore)
        let second = try await apiKeys.list(owner: owner.id, after: first.keys.last?.id, limit: 2)
        #expect(second.keys == Array(keys[2..<4]))
        #expect(second.hasMore)
        let third = try await apiKeys.list(owner: owner.id, after: second.keys.last?.id, limit: 2)
        #expect(third.keys == Array(keys[4..<5]))
        #expect(!third.hasMore)
        #expect(try await !apiKeys.list(owner: owner.id, after: nil, limit: 5).hasMore)
    }
}
