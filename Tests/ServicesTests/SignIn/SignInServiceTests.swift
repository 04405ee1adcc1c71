// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

@Suite struct SignInServiceTests {
    private let fixture: SignInFixture

    init() async throws {
        fixture = try await SignInFixture()
    }

    private var installation: Installation { fixture.installation }
    private var provider: ScriptedIdentityProvider { fixture.provider }
    private var signIn: SignInService { fixture.signIn }

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
        let begun = try await fixture.begin()
        let arrival = begun.with(\.code, "the code").with(\.issuer, "https://iss").with(\.userAgent, "Firefox")
            .with(\.address, IPAddress("2001:db8::1"))
        let pair = try await fixture.complete(arrival)

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
        #expect(session.address == "2001:db8::1")
        let principal = try await installation.authentication.principal(accessToken: pair.accessToken.exposed)
        #expect(principal.userID == installation.users.all.first?.user.id)
    }

    @Test func complete_whenTheProviderRefused_isForbiddenWithoutAskingIt() async throws {
        let begun = try await fixture.begin()
        let arrival = begun.with(\.error, "access_denied")
        #expect(await failure { try await fixture.complete(arrival) }?.code == .forbidden)
        #expect(provider.callbacks.isEmpty)
        #expect(installation.users.all.isEmpty)
    }

    @Test func complete_withoutACode_isMalformed() async throws {
        let begun = try await fixture.begin()
        let arrival = begun.with(\.code, nil)
        #expect(await failure { try await fixture.complete(arrival) }?.code == .malformed)
        #expect(provider.callbacks.isEmpty)
    }

    @Test func complete_whenTheProviderFails_saysWhatItSays() async throws {
        for code in [ErrorCode.upstream, .malformed, .unauthenticated] {
            provider.fail(DomainError(code, "No."))
            #expect(await failure { try await fixture.complete() }?.code == code)
        }
        #expect(installation.users.all.isEmpty)
    }

    @Test func complete_whenTheDatabaseIsDown_asksNoProvider() async throws {
        let begun = try await fixture.begin()
        installation.sessions.outage.begin()
        #expect(await failure { try await fixture.complete(begun) }?.code == .unavailable)
        #expect(provider.callbacks.isEmpty)
    }

    @Test func complete_withAnUnknownProvider_isNotFound() async throws {
        let begun = try await fixture.begin()
        let arrival = begun.with(\.provider, "nobody")
        #expect(await failure { try await fixture.complete(arrival) }?.code == .notFound)
    }

    @Test func loginURL_isBuiltFromTheConfiguredAddress() {
        #expect(signIn.loginURL(of: provider) == "https://id.example.com/api/v1/auth/corp/login")
        #expect(signIn.providers.map(\.name) == ["corp", "other"])
    }
}
