// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct BootstrapServiceTests {
    private let installation: Installation
    private let email: EmailAddress

    init() async throws {
        installation = try Installation()
        email = try #require(EmailAddress("root@example.com"))
        try await installation.signingKeys.load()
    }

    @Test func run_makesAnAdministratorWithAKeyAndALink() async throws {
        #expect(try await !installation.bootstrap.isDone())
        let result = try await installation.bootstrap.run(email: email)
        #expect(try await installation.bootstrap.isDone())

        let profile = try #require(installation.users.all.first)
        #expect(profile.user == result.user)
        #expect(profile.user.email == email)
        #expect(profile.user.isActive)
        #expect(profile.grants.roles == ["admin"])

        let principal = try await installation.authentication.principal(apiKey: result.apiKey.exposed)
        #expect(principal.userID == result.user.id)
        #expect(principal.grants.roles == ["admin"])

        let token = try #require(result.signInURL.exposed.split(separator: "=").last)
        _ = try await installation.links.signIn(token: String(token), userAgent: nil, address: nil)
        #expect(installation.sessions.opened.map(\.session.userID) == [result.user.id])
    }

    @Test func run_aSecondTime_isAConflictAndMakesNothing() async throws {
        _ = try await installation.bootstrap.run(email: email)
        let second = try #require(EmailAddress("second@example.com"))
        #expect(await failure { try await installation.bootstrap.run(email: second) }?.code == .conflict)
        #expect(installation.users.all.count == 1)
        #expect(installation.apiKeyRepository.stored.count == 1)
        #expect(installation.sessions.linkHashes.count == 1)
    }

    @Test func run_whenTheAddressIsTaken_isAConflictAndGivesNoRole() async throws {
        try installation.addUser("root")
        #expect(await failure { try await installation.bootstrap.run(email: email) }?.code == .conflict)
        #expect(try await !installation.bootstrap.isDone())
        #expect(installation.apiKeyRepository.stored.isEmpty)
    }

    @Test func run_whenTheOnlyAdministratorIsInactive_makesAnother() async throws {
        try installation.addUser(isActive: false, roles: ["admin"])
        _ = try await installation.bootstrap.run(email: email)
        #expect(installation.users.all.count == 2)
    }

    @Test(arguments: [true, false])
    func run_whenAStepFails_leavesNothing(isLinkAtFault: Bool) async throws {
        let before = installation.store.tables
        let outage = isLinkAtFault ? installation.sessions.outage : installation.apiKeyRepository.outage
        outage.begin()
        #expect(await failure { try await installation.bootstrap.run(email: email) }?.code == .unavailable)
        #expect(installation.store.tables == before)
        outage.end()
        _ = try await installation.bootstrap.run(email: email)
    }

    @Test func run_twiceAtOnce_makesOneAdministrator() async throws {
        let second = try #require(EmailAddress("second@example.com"))
        async let one = failure { try await installation.bootstrap.run(email: email) }
        async let two = failure { try await installation.bootstrap.run(email: second) }
        let codes = await [one?.code, two?.code]
        #expect(codes.contains(nil) && codes.contains(.conflict))
        #expect(installation.users.all.count == 1)
    }

    @Test func result_doesNotPrintItsSecrets() async throws {
        let result = try await installation.bootstrap.run(email: email)
        var text = ""
        dump(result, to: &text)
        #expect(!text.contains(result.apiKey.exposed))
        #expect(!text.contains("token="))
    }
}
