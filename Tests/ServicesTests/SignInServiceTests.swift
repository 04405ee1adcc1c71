// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Security
import Services
import Testing

@Suite struct SignInServiceTests {
    private let provider = ScriptedIdentityProvider()
    private let otherProvider = ScriptedIdentityProvider(name: "other")
    private let installation: Installation

    init() async throws {
        installation = try Installation(providers: [provider, otherProvider])
        try await installation.signingKeys.load()
    }

    private var signIn: SignInService { installation.signIn }

    /// A browser that went to the provider, and what it brings back.
    private func begin(with name: String = "corp") async throws -> SignInCallback {
        let start = try await signIn.begin(with: name)
        let state = try #require((name == "corp" ? provider : otherProvider).requests.last?.state)
        return SignInCallback(
            provider: name,
            state: state,
            code: "code",
            error: nil,
            issuer: nil,
            cookie: start.cookie.value,
            userAgent: nil
        )
    }

    private func complete() async throws {
        _ = try await signIn.complete(begin())
    }

    /// Expects `callback` to be refused for its state, and nothing else to happen.
    private func expectInvalidState(
        _ callback: SignInCallback,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let asked = provider.callbacks.count + otherProvider.callbacks.count
        let users = installation.users.all.count
        let error = await failure { try await signIn.complete(callback) }
        #expect(error?.code == .invalidState, sourceLocation: sourceLocation)
        #expect(provider.callbacks.count + otherProvider.callbacks.count == asked, sourceLocation: sourceLocation)
        #expect(installation.users.all.count == users, sourceLocation: sourceLocation)
    }

    @Test func begin_sendsTheBrowserWithStateNonceAndChallenge() async throws {
        let start = try await signIn.begin(with: "corp")
        let request = try #require(provider.requests.first)
        #expect(start.location == "https://provider.example.com/authorize?state=\(request.state)")
        #expect(request.redirectURI == "https://id.example.com/api/v1/auth/corp/callback")
        #expect(request.state.utf8.count == 43)
        #expect(request.nonce.utf8.count == 43)
        #expect(request.nonce != request.state)
        #expect(request.codeChallenge.utf8.count == 43)
        for secret in [request.state, request.nonce, request.codeChallenge] {
            #expect(!start.cookie.value.contains(secret))
        }
    }

    @Test func begin_eachTime_isDifferent() async throws {
        let cookies = [try await signIn.begin(with: "corp").cookie, try await signIn.begin(with: "corp").cookie]
        #expect(Set(cookies.map(\.value)).count == 2)
        #expect(Set(cookies.map(\.name)).count == 2)
        #expect(Set(provider.requests.map(\.state)).count == 2)
        #expect(Set(provider.requests.map(\.nonce)).count == 2)
        #expect(Set(provider.requests.map(\.codeChallenge)).count == 2)
    }

    @Test func begin_withAnUnknownProvider_isNotFound() async {
        for name in ["", "Corp", "nobody", "corp/../other"] {
            #expect(await failure { try await signIn.begin(with: name) }?.code == .notFound)
        }
    }

    @Test func complete_givesTheProviderWhatTheSignInBeganWith() async throws {
        let begun = try await begin()
        let callback = SignInCallback(
            provider: "corp",
            state: begun.state,
            code: "the code",
            error: nil,
            issuer: "https://iss",
            cookie: begun.cookie,
            userAgent: "Firefox"
        )
        let pair = try await signIn.complete(callback)

        let asked = try #require(provider.callbacks.first)
        let request = try #require(provider.requests.first)
        #expect(asked.code.exposed == "the code")
        #expect(asked.nonce == request.nonce)
        #expect(asked.redirectURI == request.redirectURI)
        #expect(asked.issuer == "https://iss")
        #expect(try PKCE(verifier: asked.codeVerifier.exposed).challenge == request.codeChallenge)

        let session = try #require(installation.sessions.opened.first?.session)
        #expect(session.method == "corp")
        #expect(session.userAgent == "Firefox")
        let principal = try installation.authentication.principal(accessToken: pair.accessToken.exposed)
        #expect(principal.userID == installation.users.all.first?.user.id)
    }

    @Test func complete_whenTheStateIsMissingOrWrong_isRefused() async throws {
        let begun = try await begin()
        let stranger = try await begin()
        let otherState = try OpaqueToken.generate().text.exposed
        for state in [nil, "", "x", otherState, stranger.state, begun.state.map { $0 + "A" }] {
            await expectInvalidState(callback(begun, state: state, cookie: begun.cookie))
        }
    }

    @Test func complete_whenTheCookieIsMissingOrAnothers_isRefused() async throws {
        let begun = try await begin()
        let otherBrowser = try await begin()
        let cookie = try #require(begun.cookie)
        let changed = String(cookie.dropLast(10)) + (cookie.dropLast(9).last == "a" ? "b" : "a") + cookie.suffix(9)
        let foreign = try await Installation(providers: [ScriptedIdentityProvider()]).signIn.begin(with: "corp").cookie
            .value
        for cookie in [nil, "", "x", otherBrowser.cookie, changed, String(cookie.dropLast()), foreign] {
            await expectInvalidState(callback(begun, state: begun.state, cookie: cookie))
        }
    }

    @Test func complete_atAnotherProvider_isRefused() async throws {
        let begun = try await begin()
        let moved = SignInCallback(
            provider: "other",
            state: begun.state,
            code: "code",
            error: nil,
            issuer: nil,
            cookie: begun.cookie,
            userAgent: nil
        )
        await expectInvalidState(moved)
        _ = try await signIn.complete(begun)
    }

    @Test func complete_afterTenMinutes_isRefused() async throws {
        let inTime = try await begin()
        let late = try await begin()
        installation.clock.advance(by: .seconds(600) - .microseconds(1))
        _ = try await signIn.complete(inTime)
        installation.clock.advance(by: .microseconds(1))
        await expectInvalidState(late)
    }

    @Test func complete_aSecondTime_isRefused() async throws {
        let begun = try await begin()
        _ = try await signIn.complete(begun)
        await expectInvalidState(begun)
        #expect(provider.callbacks.count == 1)
        #expect(installation.sessions.opened.count == 1)
        #expect(installation.sessions.usedStates.values.map { $0 } == [installation.clock.now() + .seconds(600)])
    }

    @Test func complete_whenTheFirstTryFailed_isRefusedTheSecondTime() async throws {
        let begun = try await begin()
        provider.fail(DomainError(.upstream, "The provider does not answer."))
        #expect(await failure { try await signIn.complete(begun) }?.code == .upstream)
        await expectInvalidState(begun)
    }

    @Test func complete_whenTheProviderRefused_isForbiddenWithoutAskingIt() async throws {
        let begun = try await begin()
        let callback = SignInCallback(
            provider: "corp",
            state: begun.state,
            code: "code",
            error: "access_denied",
            issuer: nil,
            cookie: begun.cookie,
            userAgent: nil
        )
        #expect(await failure { try await signIn.complete(callback) }?.code == .forbidden)
        #expect(provider.callbacks.isEmpty)
        #expect(installation.users.all.isEmpty)
    }

    @Test func complete_whenTheProviderRefusedButTheStateIsWrong_isRefusedForTheState() async throws {
        await expectInvalidState(
            SignInCallback(
                provider: "corp",
                state: "x",
                code: nil,
                error: "access_denied",
                issuer: nil,
                cookie: "x",
                userAgent: nil
            )
        )
    }

    @Test func complete_withoutACode_isMalformed() async throws {
        let begun = try await begin()
        let callback = SignInCallback(
            provider: "corp",
            state: begun.state,
            code: nil,
            error: nil,
            issuer: nil,
            cookie: begun.cookie,
            userAgent: nil
        )
        #expect(await failure { try await signIn.complete(callback) }?.code == .malformed)
        #expect(provider.callbacks.isEmpty)
    }

    @Test(arguments: [true, false])
    func complete_theFirstTime_makesAUserWithoutPrivileges(isEmailVerified: Bool) async throws {
        provider.answer(ScriptedIdentityProvider.identity(email: "Ada@Example.com", isEmailVerified: isEmailVerified))
        try await complete()
        let profile = try #require(installation.users.all.first)
        #expect(profile.user.email.text == "ada@example.com")
        #expect(profile.user.isEmailVerified == isEmailVerified)
        #expect(profile.user.displayName == "Ada")
        #expect(profile.user.isActive)
        #expect(profile.grants == Grants(roles: ["user"]))
    }

    @Test func complete_theSecondTime_findsTheUserByIdentityWhateverTheAddress() async throws {
        try await complete()
        for email in ["new@example.com", nil] {
            provider.answer(ScriptedIdentityProvider.identity(email: email))
            try await complete()
        }
        #expect(installation.users.all.map(\.user.email.text) == ["ada@example.com"])
        #expect(Set(installation.sessions.opened.map(\.session.userID)).count == 1)
        #expect(installation.sessions.opened.count == 3)
    }

    /// Whoever controls an address at a provider must not get the account that has it here.
    @Test(arguments: [true, false])
    func complete_withTheAddressOfAnotherUser_isAConflict(isEmailVerified: Bool) async throws {
        try installation.addUser("ada", grants: Grants(roles: ["admin"]))
        provider.answer(ScriptedIdentityProvider.identity(subject: "mallory", isEmailVerified: isEmailVerified))
        #expect(await failure { try await complete() }?.code == .conflict)
        #expect(installation.users.all.count == 1)
        #expect(installation.sessions.opened.isEmpty)
    }

    @Test(arguments: [nil, "", "ada", "\u{E1}da@example.com", "ada@example.com@example.org"])
    func complete_withoutAUsableAddress_isForbidden(email: String?) async {
        provider.answer(ScriptedIdentityProvider.identity(email: email))
        #expect(await failure { try await complete() }?.code == .forbidden)
        #expect(installation.users.all.isEmpty)
    }

    @Test func complete_asAnInactiveUser_isForbidden() async throws {
        try await complete()
        try installation.deactivate(try #require(installation.users.all.first?.user))
        #expect(await failure { try await complete() }?.code == .forbidden)
        #expect(installation.sessions.opened.count == 1)
    }

    /// Another worker makes the user between the look-up and the creation.
    @Test func complete_whenTwoFirstSignInsRace_signsBothInAsOneUser() async throws {
        let faster = try installation.addUser("ada")
        installation.users.remove(faster.id)
        installation.users.beforeNextCreate { [users = installation.users] in
            users.put(UserProfile(user: faster, grants: Grants(roles: ["user"])))
            users.link(faster.id, issuer: ScriptedIdentityProvider.issuer, subject: "ada")
        }
        try await complete()
        #expect(installation.users.all.map(\.user.id) == [faster.id])
        #expect(installation.sessions.opened.map(\.session.userID) == [faster.id])
    }

    @Test func complete_whenTheProviderFails_saysWhatItSays() async throws {
        for code in [ErrorCode.upstream, .malformed, .unauthenticated] {
            provider.fail(DomainError(code, "No."))
            #expect(await failure { try await complete() }?.code == code)
        }
        #expect(installation.users.all.isEmpty)
    }

    @Test func complete_whenTheDatabaseIsDown_asksNoProvider() async throws {
        let begun = try await begin()
        installation.sessions.outage.begin()
        #expect(await failure { try await signIn.complete(begun) }?.code == .unavailable)
        #expect(provider.callbacks.isEmpty)
    }

    @Test func complete_withAnUnknownProvider_isNotFound() async throws {
        let begun = try await begin()
        let callback = SignInCallback(
            provider: "nobody",
            state: begun.state,
            code: "code",
            error: nil,
            issuer: nil,
            cookie: begun.cookie,
            userAgent: nil
        )
        #expect(await failure { try await signIn.complete(callback) }?.code == .notFound)
    }

    @Test func loginURL_isBuiltFromTheConfiguredAddress() {
        #expect(signIn.loginURL(of: provider) == "https://id.example.com/api/v1/auth/corp/login")
        #expect(signIn.providers.map(\.name) == ["corp", "other"])
    }

    private func callback(_ begun: SignInCallback, state: String?, cookie: String?) -> SignInCallback {
        SignInCallback(
            provider: begun.provider,
            state: state,
            code: begun.code,
            error: nil,
            issuer: nil,
            cookie: cookie,
            userAgent: nil
        )
    }
}
