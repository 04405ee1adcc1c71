// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct SessionRefreshTests {
    private let installation: Installation
    private let user: User

    init() async throws {
        installation = try Installation()
        installation.addRole("ops", ["x:r"])
        user = try installation.addUser()
        try await installation.signingKeys.load()
    }

    private func open() async throws(DomainError) -> TokenPair {
        try await installation.sessionService.open(for: user.id, method: "corp", userAgent: nil, address: nil)
    }

    private func refresh(_ pair: TokenPair) async throws(DomainError) -> TokenPair {
        try await installation.sessionService.refresh(pair.refreshToken.exposed, userAgent: nil, address: nil)
    }

    private func session(of pair: TokenPair) async throws -> Identifier<Session>? {
        let principal = try await installation.authentication.principal(accessToken: pair.accessToken.exposed)
        guard case .accessToken(let session) = principal.credential else { return nil }
        return session
    }

    @Test func refresh_givesANewPairOfTheSameSession() async throws {
        let first = try await open()
        installation.clock.advance(by: .seconds(60))
        let second = try await refresh(first)
        #expect(second.accessToken.exposed != first.accessToken.exposed)
        #expect(second.refreshToken.exposed != first.refreshToken.exposed)
        #expect(try await session(of: second) == session(of: first))
        _ = try await refresh(second)
    }

    @Test func refresh_saysWhatTheUserHoldsByNow() async throws {
        let first = try await open()
        try installation.setRoles(of: user, ["user", "ops"])
        let second = try await refresh(first)
        let principal = try await installation.authentication.principal(accessToken: second.accessToken.exposed)
        #expect(principal.grants.permissions == ["x:r"])
    }

    @Test func refresh_againWithinTheGrace_givesTheSamePair() async throws {
        let first = try await open()
        let second = try await refresh(first)
        installation.clock.advance(by: .milliseconds(9_999))
        let repeated = try await refresh(first)
        #expect(repeated.accessToken.exposed == second.accessToken.exposed)
        #expect(repeated.refreshToken.exposed == second.refreshToken.exposed)
        #expect(repeated.accessTokenLifetime == second.accessTokenLifetime)
        #expect(repeated.refreshTokenLifetime == second.refreshTokenLifetime)
        #expect(installation.sessions.refreshTokens.count == 2)
    }

    @Test func refresh_againAfterTheGrace_endsTheSession() async throws {
        let first = try await open()
        let second = try await refresh(first)
        let other = try await open()
        installation.clock.advance(by: .seconds(10))
        #expect(await failure { try await refresh(first) }?.code == .unauthenticated)
        #expect(await failure { try await refresh(second) }?.code == .unauthenticated)
        _ = try await refresh(other)
    }

    @Test func refresh_whenTheTokenIsNone_isUnauthenticated() async throws {
        for text in ["", "x", String(repeating: "A", count: 43), try await open().accessToken.exposed] {
            let error = await failure {
                try await installation.sessionService.refresh(text, userAgent: nil, address: nil)
            }
            #expect(error?.code == .unauthenticated)
        }
    }

    @Test func refresh_whenTheUserIsGoneOrInactive_isUnauthenticated() async throws {
        let pair = try await open()
        try installation.deactivate(user)
        #expect(await failure { try await refresh(pair) }?.code == .unauthenticated)
        #expect(installation.sessions.refreshTokens.count == 1)
    }

    @Test func refresh_whenTheTokenWasIdleTooLong_isUnauthenticated() async throws {
        let pair = try await open()
        installation.clock.advance(by: .seconds(30 * 86_400))
        #expect(await failure { try await refresh(pair) }?.code == .unauthenticated)
        #expect(installation.sessions.ended.isEmpty)
    }

    @Test func refresh_neverOutlivesTheSession() async throws {
        var pair = try await open()
        for _ in 1...4 {
            installation.clock.advance(by: .seconds(20 * 86_400))
            pair = try await refresh(pair)
        }
        #expect(pair.refreshTokenLifetime == .seconds(10 * 86_400))
        installation.clock.advance(by: .seconds(10 * 86_400))
        #expect(await failure { try await refresh(pair) }?.code == .unauthenticated)
    }

    @Test func refresh_storesNothingThatReadsLikeAToken() async throws {
        let first = try await open()
        let second = try await refresh(first)
        let stored = installation.sessions.refreshTokens.values.map(\.sealedPair).first { !$0.isEmpty }
        let sealed = String(decoding: try #require(stored), as: UTF8.self)
        for secret in [first.refreshToken, second.refreshToken, second.accessToken] {
            #expect(!sealed.contains(secret.exposed))
        }
    }

    @Test func refresh_whenTheDatabaseIsDown_isUnavailableAndTheTokenIsGoodLater() async throws {
        let pair = try await open()
        installation.sessions.outage.begin()
        #expect(await failure { try await refresh(pair) }?.code == .unavailable)
        installation.sessions.outage.end()
        _ = try await refresh(pair)
    }
}
