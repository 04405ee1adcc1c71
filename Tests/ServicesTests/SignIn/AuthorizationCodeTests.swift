// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Services
import Testing

/// Signing in for an app: to its address with a code, and from the code to a token pair.
@Suite struct AuthorizationCodeTests {
    private static let app = "https://app.example.com/callback?from=postern"

    private let fixture: SignInFixture
    private let pkce: PKCE

    init() async throws {
        fixture = try await SignInFixture(redirectURLs: Self.app)
        pkce = try PKCE.generate()
    }

    private var installation: Installation { fixture.installation }

    private func begin(appState: String? = nil) async throws -> Arrival {
        let start = try await fixture.signIn.begin(
            with: "corp",
            redirectTo: Self.app,
            codeChallenge: pkce.challenge,
            appState: appState
        )
        let state = try #require(fixture.provider.requests.last?.state)
        return Arrival(provider: "corp", state: state, cookie: start.cookie.value)
    }

    /// The query that the app gets.
    private func query(_ arrival: Arrival) async throws -> String {
        guard case .redirect(let location, _) = try await fixture.end(arrival) else {
            Issue.record("The app gets nothing.")
            return ""
        }
        try #require(location.hasPrefix("\(Self.app)&"))
        return String(location.dropFirst(Self.app.count + 1))
    }

    private func code() async throws -> String {
        let query = try await query(begin())
        try #require(query.hasPrefix("code="))
        return String(query.dropFirst("code=".count))
    }

    private func redeem(
        _ code: String,
        verifier: String? = nil,
        redirectURI: String? = app
    ) async throws(DomainError) -> TokenPair {
        try await installation.authorizationCodes.redeem(
            code,
            codeVerifier: verifier ?? pkce.verifier.exposed,
            redirectURI: redirectURI,
            userAgent: "Firefox",
            address: IPAddress("192.0.2.1")
        )
    }

    @Test func redeem_withTheVerifier_opensTheSessionOnce() async throws {
        let code = try await code()
        #expect(installation.sessions.opened.isEmpty)
        let pair = try await redeem(code)
        let session = try #require(installation.sessions.opened.first?.session)
        #expect(session.method == "corp")
        #expect(session.userAgent == "Firefox")
        #expect(session.address == "192.0.2.1")
        let principal = try await installation.authentication.principal(accessToken: pair.accessToken.exposed)
        #expect(principal.userID == installation.users.all.first?.user.id)
        #expect(await failure { try await redeem(code) }?.code == .unauthenticated)
        #expect(installation.sessions.opened.count == 1)
    }

    @Test(arguments: [nil, "x"])
    func redeem_ofAUsedCode_endsItsSession_whateverTheVerifier(verifier: String?) async throws {
        let (code, other) = (try await code(), try await code())
        let (pair, _) = (try await redeem(code), try await redeem(other))
        #expect(installation.sessions.ended.isEmpty)
        #expect(await failure { try await redeem(code, verifier: verifier) }?.code == .unauthenticated)
        #expect(installation.sessions.ended == [installation.sessions.opened[0].session.id])
        let error = await failure {
            try await installation.sessionService.refresh(pair.refreshToken.exposed, userAgent: nil, address: nil)
        }
        #expect(error?.code == .unauthenticated)
    }

    @Test func redeem_ofAUsedCodeAfterItsMinute_endsNothing() async throws {
        let code = try await code()
        _ = try await redeem(code)
        installation.clock.advance(by: .seconds(60))
        #expect(await failure { try await redeem(code) }?.code == .unauthenticated)
        #expect(installation.sessions.ended.isEmpty)
    }

    /// Nothing was given for the code then.
    @Test func redeem_whenTheSessionCannotBeOpened_leavesTheCodeAsItWas() async throws {
        let code = try await code()
        installation.sessions.outage.begin()
        #expect(await failure { try await redeem(code) }?.code == .unavailable)
        installation.sessions.outage.end()
        _ = try await redeem(code)
    }

    @Test func redeem_withoutARedirectURI_isLeftToTheVerifier() async throws {
        _ = try await redeem(code(), redirectURI: nil)
    }

    @Test func redeem_whenAnythingElseIsWrong_isRefusedAndUsesTheCodeUp() async throws {
        let other = try PKCE.generate().verifier.exposed
        for verifier in ["", other, pkce.challenge, String(pkce.verifier.exposed.dropLast())] {
            let code = try await code()
            #expect(await failure { try await redeem(code, verifier: verifier) }?.code == .unauthenticated)
            #expect(await failure { try await redeem(code) }?.code == .unauthenticated)
        }
        for redirectURI in ["", "https://app.example.com/callback", Self.app + "#"] {
            let code = try await code()
            #expect(await failure { try await redeem(code, redirectURI: redirectURI) }?.code == .unauthenticated)
            #expect(await failure { try await redeem(code) }?.code == .unauthenticated)
        }
        #expect(installation.sessions.opened.isEmpty)
    }

    /// RFC 7636 section 4.1, also when the challenge was made from it.
    @Test(arguments: [(42, "a", false), (43, "a", true), (128, "~", true), (129, "a", false), (43, "+", false)])
    func redeem_takesVerifiersOfTheRightForm(length: Int, character: String, isTaken: Bool) async throws {
        let verifier = String(repeating: character, count: length)
        let start = try await fixture.signIn.begin(
            with: "corp",
            redirectTo: Self.app,
            codeChallenge: PKCE(verifier: verifier).challenge
        )
        let state = try #require(fixture.provider.requests.last?.state)
        let code = try await query(Arrival(provider: "corp", state: state, cookie: start.cookie.value)).dropFirst(5)
        let error = await failure { try await redeem(String(code), verifier: verifier) }
        #expect((error == nil) == isTaken)
    }

    @Test func redeem_afterAMinute_isRefused() async throws {
        let (inTime, late) = (try await code(), try await code())
        installation.clock.advance(by: .seconds(60) - .microseconds(1))
        _ = try await redeem(inTime)
        installation.clock.advance(by: .microseconds(1))
        #expect(await failure { try await redeem(late) }?.code == .unauthenticated)
    }

    @Test func redeem_ofSomethingElse_isRefused() async throws {
        let pair = try await redeem(code())
        for text in ["", "x", pair.refreshToken.exposed, try OpaqueToken.generate().text.exposed] {
            #expect(await failure { try await redeem(text) }?.code == .unauthenticated)
        }
    }

    @Test func redeem_whenTheUserIsNotActiveAnyMore_isForbidden() async throws {
        let code = try await code()
        try installation.deactivate(try #require(installation.users.all.first?.user))
        #expect(await failure { try await redeem(code) }?.code == .forbidden)
    }

    @Test func issue_storesAHashAndNotTheCode() async throws {
        let code = try await code()
        let hash = try #require(installation.store.tables.authorizationCodes.keys.first)
        #expect(hash.count == 32)
        #expect(hash != Base64URL.decode(code))
        #expect(hash != (try SHA256.digest(Array(code.utf8))))
    }

    @Test func complete_givesTheAppItsState() async throws {
        #expect(try await query(begin(appState: "a b&c=\"%")).hasSuffix("&state=a%20b%26c%3D%22%25"))
    }

    @Test(arguments: [
        (ErrorCode.upstream, "temporarily_unavailable"), (.malformed, "access_denied"), (.internal, "server_error"),
        (.unauthenticated, "access_denied"), (.unavailable, "temporarily_unavailable"),
    ])
    func complete_whenTheProviderFails_tellsTheApp(code: ErrorCode, error: String) async throws {
        let begun = try await begin(appState: "s")
        fixture.provider.fail(DomainError(code, "No."))
        #expect(try await query(begun) == "error=\(error)&state=s")
        #expect(await failure { try await fixture.end(begun) }?.code == .invalidState)
    }

    @Test func complete_whenThePersonRefuses_orMayNot_tellsTheApp() async throws {
        let refused = try await begin().with(\.error, "access_denied")
        #expect(try await query(refused) == "error=access_denied")
        let ada = try installation.addUser("ada", isEmailVerified: false)
        #expect(try await query(begin()) == "error=account_link_required")
        try installation.store.access { tables throws(DomainError) in
            tables.identities.link(ScriptedIdentityProvider.identity(), to: ada.id, at: ada.createdAt)
        }
        try installation.deactivate(ada)
        #expect(try await query(begin()) == "error=access_denied")
        #expect(installation.store.tables.authorizationCodes.isEmpty)
    }

    /// Nobody knows then whether the app that the cookie names has anything to do with it.
    @Test func complete_whenTheStateIsWrong_tellsTheAppNothing() async throws {
        let begun = try await begin()
        #expect(await failure { try await fixture.end(begun.with(\.state, "x")) }?.code == .invalidState)
    }

    @Test func begin_forAnAddressThatIsNotAllowed_isRefused() async throws {
        for redirectTo in ["", "https://evil.example/", "\(Self.app)#", "//app.example.com", "javascript:alert(1)"] {
            let error = await failure {
                try await fixture.signIn.begin(with: "corp", redirectTo: redirectTo, codeChallenge: pkce.challenge)
            }
            #expect(error?.code == .invalidRedirect)
        }
        #expect(fixture.provider.requests.isEmpty)
    }

    @Test func begin_withHalfOfIt_isRefused() async throws {
        #expect(
            await failure { try await fixture.signIn.begin(with: "corp", redirectTo: Self.app) }?.fields.map(\.name)
                == ["code_challenge"]
        )
        #expect(
            await failure { try await fixture.signIn.begin(with: "corp", codeChallenge: pkce.challenge) }?
                .fields.map(\.name) == ["redirect_to"]
        )
    }

    /// Browsers keep cookies of 4096 bytes, with name and attributes.
    @Test func begin_withTheLongestAddressAndState_fitsIntoACookie() async throws {
        let longest = "https://app.example.com/" + String(repeating: "a", count: RedirectURL.maximumLength - 24)
        let fixture = try await SignInFixture(redirectURLs: longest)
        let start = try await fixture.signIn.begin(
            with: "corp",
            redirectTo: longest,
            codeChallenge: pkce.challenge,
            appState: String(repeating: "\"", count: 512)
        )
        #expect(start.cookie.value.utf8.count < 3800)
    }
}
