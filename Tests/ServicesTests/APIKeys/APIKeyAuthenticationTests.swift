// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

@Suite struct APIKeyAuthenticationTests {
    private static let grants = Grants(roles: ["user", "ops"], permissions: ["x:r", "x:w"])

    private let installation: Installation
    private let owner: User

    init() throws {
        installation = try Installation()
        installation.addRole("ops", Self.grants.permissions)
        owner = try installation.addUser(roles: Self.grants.roles)
    }

    private func create(
        _ grants: Grants = Self.grants,
        expiresAfter lifetime: Duration? = nil
    ) async throws -> APIKeyService.Created {
        let now = installation.clock.now()
        return try await installation.apiKeys.create(
            NewAPIKey(name: "deploy", grants: grants, expiresAt: lifetime.map { now + $0 }),
            by: .principal(try installation.token(of: owner))
        )
    }

    private func principal(_ secret: String) async throws(DomainError) -> Principal {
        try await installation.authentication.principal(apiKey: secret)
    }

    private func expectRefusal(_ secret: String, sourceLocation: SourceLocation = #_sourceLocation) async {
        let error = await failure { try await principal(secret) }
        #expect(error?.description == "unauthenticated: The API key is not valid.", sourceLocation: sourceLocation)
        #expect(error?.cause == nil, sourceLocation: sourceLocation)
    }

    @Test func principal_ofAKey_isItsOwnerWithTheGrantsOfTheKey() async throws {
        let grants = Grants(roles: ["user"], permissions: ["x:r"])
        let created = try await create(grants)
        let principal = try await principal(created.secret.exposed)
        #expect(principal.userID == owner.id)
        #expect(principal.credential == .apiKey(created.key.id))
        #expect(principal.grants == grants)
    }

    @Test func principal_ofATextThatIsNoKey_asksNoRepository() async throws {
        let secret = try await create().secret.exposed
        let flipped = String(secret.dropLast(10)) + (secret.dropLast(9).last == "a" ? "b" : "a") + secret.suffix(9)
        let others = [
            "", "pst_", "hunter2", flipped, String(secret.dropLast()), secret + "a", " " + secret, secret + "\n",
            secret.uppercased(), "abc" + secret.dropFirst(3), String(repeating: "a", count: 100_000),
            try APIKeyFormat(prefix: "abc").generate().text.exposed,
        ]
        for other in others { await expectRefusal(other) }
        #expect(installation.apiKeyRepository.checks == 0)
    }

    @Test func principal_ofAnUnknownKey_isRefused() async throws {
        await expectRefusal(try installation.format.generate().text.exposed)
        #expect(installation.apiKeyRepository.checks == 1)
    }

    @Test func principal_ofAnExpiredKey_isRefused() async throws {
        let secret = try await create(expiresAfter: .seconds(60)).secret.exposed
        installation.clock.advance(by: .seconds(60) - .microseconds(1))
        _ = try await principal(secret)
        installation.clock.advance(by: .microseconds(1))
        await expectRefusal(secret)
    }

    @Test func principal_whenTheOwnerIsNotActive_isRefused() async throws {
        let secret = try await create().secret.exposed
        try installation.deactivate(owner)
        await expectRefusal(secret)
    }

    @Test func principal_ofARevokedKey_isRefused() async throws {
        let created = try await create()
        try await installation.apiKeys.revoke(created.key.id, by: .shell)
        await expectRefusal(created.secret.exposed)
    }

    @Test func principal_underAnotherSecret_isRefused() async throws {
        let secret = try await create().secret.exposed
        let stranger = AuthenticationService(
            signingKeys: installation.signingKeys,
            revocations: installation.revocations,
            users: installation.users,
            apiKeys: installation.apiKeyRepository,
            keyFormat: installation.format,
            keyHasher: try Installation().keyHasher,
            usage: installation.usage,
            issuer: installation.publicURL,
            clock: installation.clock
        )
        #expect(await failure { try await stranger.principal(apiKey: secret) }?.code == .unauthenticated)
    }

    @Test func principal_holdsNoMoreThanTheOwnerDoesNow() async throws {
        let secret = try await create().secret.exposed
        installation.addRole("new", ["x:r", "y:r"])
        try installation.setRoles(of: owner, ["user", "new"])
        #expect(try await principal(secret).grants == Grants(roles: ["user"], permissions: ["x:r"]))
        try installation.setRoles(of: owner, Self.grants.roles)
        installation.note(.user, owner.id.uuid)
        #expect(try await principal(secret).grants == Self.grants)
    }

    @Test func principal_whenTheDatabaseIsDown_isUnavailable() async throws {
        let secret = try await create().secret.exposed
        installation.apiKeyRepository.outage.begin()
        #expect(await failure { try await principal(secret) }?.code == .unavailable)
    }

    @Test func principal_notesTheUseOfKeysThatPass() async throws {
        let created = try await create(expiresAfter: .seconds(60))
        _ = try await principal(created.secret.exposed)
        let usedAt = installation.clock.now()
        installation.clock.advance(by: .seconds(60))
        await expectRefusal(created.secret.exposed)

        await installation.usage.flush()
        #expect(installation.apiKeyRepository.batches == [[APIKeyUse(id: created.key.id, count: 1, usedAt: usedAt)]])
    }
}
