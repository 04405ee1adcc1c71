// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct TokenIntrospectionTests {
    private let installation: Installation
    private let user: User

    init() async throws {
        installation = try Installation()
        installation.addRole("ops", ["x:r"])
        user = try installation.addUser(roles: ["user", "ops"])
        try await installation.signingKeys.load()
    }

    private func open() async throws(DomainError) -> TokenPair {
        try await installation.sessionService.open(for: user.id, method: "corp", userAgent: nil, address: nil)
    }

    private func introspect(_ token: Redacted<String>) async throws(DomainError) -> LiveToken? {
        try await installation.sessionService.introspect(token.exposed)
    }

    @Test func introspect_ofALiveToken_tellsWhatTheUserHoldsByNow() async throws {
        let pair = try await open()
        let first = try #require(await introspect(pair.accessToken))
        #expect(first.user.user.id == user.id && first.user.grants.permissions == ["x:r"])
        #expect(first.expiresAt == installation.clock.now() + .seconds(1800))
        try installation.setRoles(of: user, ["user"])
        #expect(try await introspect(pair.accessToken)?.user.grants.permissions.isEmpty == true)
    }

    @Test func introspect_ofWhatIsNoLiveAccessToken_isNil() async throws {
        let pair = try await open()
        #expect(try await introspect(pair.refreshToken) == nil)
        #expect(try await introspect(Redacted("garbage")) == nil)
        #expect(try await introspect(Redacted(pair.accessToken.exposed + "A")) == nil)
        installation.clock.advance(by: .seconds(1800 + 61))
        #expect(try await introspect(pair.accessToken) == nil)
    }

    @Test func introspect_whenTheUserIsNotActive_isNil() async throws {
        let pair = try await open()
        try installation.deactivate(user)
        #expect(try await introspect(pair.accessToken) == nil)
    }

    @Test(arguments: [true, false])
    func revoke_endsTheSessionOfEitherToken(byAccessToken: Bool) async throws {
        let (pair, other) = (try await open(), try await open())
        let token = byAccessToken ? pair.accessToken : pair.refreshToken
        try await installation.sessionService.revoke(token.exposed)
        #expect(try await introspect(pair.accessToken) == nil)
        #expect(try await introspect(other.accessToken) != nil)
        #expect(installation.sessions.ended.count == 1)
    }

    @Test func revoke_ofAnythingElse_doesNothing() async throws {
        let pair = try await open()
        for text in ["garbage", String(repeating: "A", count: 43), pair.accessToken.exposed + "A"] {
            try await installation.sessionService.revoke(text)
        }
        #expect(installation.sessions.ended.isEmpty)
    }

    @Test func introspect_whenTheDatabaseIsDown_isUnavailable() async throws {
        let pair = try await open()
        installation.sessions.outage.begin()
        #expect(await failure { try await introspect(pair.accessToken) }?.code == .unavailable)
    }
}
