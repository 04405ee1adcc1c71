// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

/// What binds a sign-in to the browser that began it.
@Suite struct SignInStateTests {
    private let fixture: SignInFixture

    init() async throws {
        fixture = try await SignInFixture()
    }

    private var installation: Installation { fixture.installation }
    private var provider: ScriptedIdentityProvider { fixture.provider }

    /// Expects `arrival` to be refused for its state, and nothing else to happen.
    private func expectInvalidState(
        _ arrival: Arrival,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let asked = provider.callbacks.count + fixture.otherProvider.callbacks.count
        let users = installation.users.all.count
        let error = await failure { try await fixture.complete(arrival) }
        #expect(error?.code == .invalidState, sourceLocation: sourceLocation)
        #expect(
            provider.callbacks.count + fixture.otherProvider.callbacks.count == asked,
            sourceLocation: sourceLocation
        )
        #expect(installation.users.all.count == users, sourceLocation: sourceLocation)
    }

    @Test func complete_whenTheStateIsMissingOrWrong_isRefused() async throws {
        let begun = try await fixture.begin()
        let stranger = try await fixture.begin()
        let otherState = try OpaqueToken.generate().text.exposed
        for state in [nil, "", "x", otherState, stranger.state, begun.state.map { $0 + "A" }] {
            await expectInvalidState(begun.with(\.state, state))
        }
    }

    @Test func complete_whenTheCookieIsMissingOrAnothers_isRefused() async throws {
        let begun = try await fixture.begin()
        let otherBrowser = try await fixture.begin()
        let cookie = try #require(begun.cookie)
        let changed = String(cookie.dropLast(10)) + (cookie.dropLast(9).last == "a" ? "b" : "a") + cookie.suffix(9)
        let foreign = try await SignInFixture().begin().cookie
        for cookie in [nil, "", "x", otherBrowser.cookie, changed, String(cookie.dropLast()), foreign] {
            await expectInvalidState(begun.with(\.cookie, cookie))
        }
    }

    @Test func complete_atAnotherProvider_isRefused() async throws {
        let begun = try await fixture.begin()
        await expectInvalidState(begun.with(\.provider, "other"))
        try await fixture.complete(begun)
    }

    @Test func complete_afterTenMinutes_isRefused() async throws {
        let inTime = try await fixture.begin()
        let late = try await fixture.begin()
        installation.clock.advance(by: .seconds(600) - .microseconds(1))
        try await fixture.complete(inTime)
        installation.clock.advance(by: .microseconds(1))
        await expectInvalidState(late)
    }

    @Test func complete_aSecondTime_isRefused() async throws {
        let begun = try await fixture.begin()
        try await fixture.complete(begun)
        await expectInvalidState(begun)
        #expect(provider.callbacks.count == 1)
        #expect(installation.sessions.opened.count == 1)
        #expect(installation.sessions.usedStates.values.map { $0 } == [installation.clock.now() + .seconds(600)])
    }

    @Test func complete_whenTheFirstTryFailed_isRefusedTheSecondTime() async throws {
        let begun = try await fixture.begin()
        provider.fail(DomainError(.upstream, "The provider does not answer."))
        #expect(await failure { try await fixture.complete(begun) }?.code == .upstream)
        await expectInvalidState(begun)
    }

    @Test func complete_whenTheProviderRefusedButTheStateIsWrong_isRefusedForTheState() async throws {
        await expectInvalidState(
            try await fixture.begin().with(\.state, "x").with(\.code, nil).with(\.error, "access_denied")
        )
    }
}
