// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct APIKeyRotationTests {
    private let installation: Installation
    private let owner: User
    private let initiator: Initiator
    private let start: Timestamp

    init() async throws {
        installation = try Installation()
        installation.addRole("ops", ["x:r"])
        owner = try installation.addUser(roles: ["user", "ops"])
        initiator = .principal(try installation.token(of: owner))
        start = installation.clock.now()
    }

    private var apiKeys: APIKeyService { installation.apiKeys }

    private func create(lifetime: Duration? = nil) async throws -> APIKeyService.Created {
        let grants = Grants(roles: ["ops"], permissions: ["x:r"])
        let new = NewAPIKey(name: "deploy", grants: grants, expiresAt: lifetime.map { start + $0 })
        return try await apiKeys.create(new, by: initiator)
    }

    private func works(_ created: APIKeyService.Created) async -> Bool {
        await failure { try await installation.authentication.principal(apiKey: created.secret.exposed) } == nil
    }

    @Test func rotate_makesAKeyLikeTheOtherWithAnotherSecret() async throws {
        let old = try await create()
        installation.clock.advance(by: .seconds(1))
        let new = try await apiKeys.rotate(old.key.id, overlap: .zero, by: initiator)
        #expect(new.key.id != old.key.id && new.secret.exposed != old.secret.exposed)
        #expect(new.key.ownerID == owner.id && new.key.name == "deploy" && new.key.grants == old.key.grants)
        #expect(new.key.createdAt == start + .seconds(1) && new.key.expiresAt == nil && new.key.lastUsedAt == nil)
        #expect(await works(new))
    }

    @Test func rotate_withoutOverlap_endsTheOtherAtOnce() async throws {
        let old = try await create()
        let new = try await apiKeys.rotate(old.key.id, overlap: .zero, by: initiator)
        #expect(await !works(old))
        #expect(await failure { try await apiKeys.find(old.key.id, by: initiator) }?.code == .notFound)
        #expect(await works(new))
    }

    @Test(
        arguments: [
            (nil, .seconds(60), .seconds(60)), (.seconds(3600), .seconds(60), .seconds(60)),
            (.seconds(60), .seconds(3600), .seconds(60)), (.seconds(60), .seconds(60), .seconds(60)),
        ] as [(Duration?, Duration, Duration)]
    )
    func rotate_withOverlap_endsTheOtherAtTheEarlierOfTheTwo(
        lifetime: Duration?,
        overlap: Duration,
        end: Duration
    ) async throws {
        let old = try await create(lifetime: lifetime)
        let new = try await apiKeys.rotate(old.key.id, overlap: overlap, expiresAt: .set(nil), by: initiator)
        #expect(try await apiKeys.find(old.key.id, by: initiator).expiresAt == start + end)
        installation.clock.advance(by: end - .microseconds(1))
        #expect(await works(old))
        installation.clock.advance(by: .microseconds(1))
        #expect(await !works(old))
        #expect(await works(new))
    }

    @Test func rotate_keepsTheLifetimeUnlessSaid() async throws {
        let old = try await create(lifetime: .seconds(3600))
        installation.clock.advance(by: .seconds(3000))
        let now = installation.clock.now()
        let same = try await apiKeys.rotate(old.key.id, overlap: .seconds(60), by: initiator)
        #expect(same.key.expiresAt == now + .seconds(3600))
        let said = try await apiKeys.rotate(
            old.key.id,
            overlap: .zero,
            expiresAt: .set(now + .seconds(5)),
            by: initiator
        )
        #expect(said.key.expiresAt == now + .seconds(5))
    }

    @Test func rotate_ofAnExpiredKey_isAConflict() async throws {
        let old = try await create(lifetime: .seconds(60))
        installation.clock.advance(by: .seconds(60))
        let before = installation.store.tables
        for expiresAt in [Change<Timestamp?>.keep, .set(nil)] {
            let error = await failure {
                try await apiKeys.rotate(old.key.id, overlap: .zero, expiresAt: expiresAt, by: initiator)
            }
            #expect(error?.code == .conflict)
        }
        #expect(installation.store.tables == before)
    }

    @Test func rotate_toAnExpiryThatIsPast_changesNothing() async throws {
        let old = try await create()
        let error = await failure {
            try await apiKeys.rotate(old.key.id, overlap: .zero, expiresAt: .set(start), by: initiator)
        }
        #expect(error?.fields.map(\.name) == ["expires_at"])
        #expect(await works(old))
    }

    /// The new secret is in other hands, perhaps: what the owner is given back later must not be in it.
    @Test func rotate_leavesBehindWhatTheOwnerLost() async throws {
        let old = try await create()
        try installation.setRoles(of: owner, ["user"])
        let new = try await apiKeys.rotate(old.key.id, overlap: .zero, by: .shell)
        #expect(new.key.grants == Grants())
        try installation.setRoles(of: owner, ["user", "ops"])
        let principal = try await installation.authentication.principal(apiKey: new.secret.exposed)
        #expect(principal.grants == Grants())
    }

    @Test func rotate_whenTheOwnerIsNotActive_isForbidden() async throws {
        let old = try await create()
        try installation.deactivate(owner)
        let error = await failure { try await apiKeys.rotate(old.key.id, overlap: .zero, by: .shell) }
        #expect(error?.code == .forbidden)
        #expect(installation.apiKeyRepository.stored.values.map(\.id) == [old.key.id])
    }

    @Test func rotate_whenTheOtherCannotBeEnded_makesNone() async throws {
        let old = try await create()
        let before = installation.store.tables
        installation.apiKeyRepository.outageAfterCreate()
        let error = await failure { try await apiKeys.rotate(old.key.id, overlap: .zero, by: initiator) }
        #expect(error?.code == .unavailable)
        #expect(installation.store.tables == before)
    }
}
