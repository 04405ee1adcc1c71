// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct LoginCookieTests {
    @Test(arguments: [
        ("https://id.example.com", true, "__Host-postern-login-"), ("http://localhost:8080", false, "postern-login-"),
    ])
    func cookie_isBoundToTheHostWhereThereIsHTTPS(publicURL: String, isSecure: Bool, prefix: String) async throws {
        let provider = ScriptedIdentityProvider()
        let signIn = try Installation(publicURL: publicURL, providers: [provider]).signIn
        let cookie = try await signIn.begin(with: "corp").cookie
        let state = try #require(provider.requests.first?.state)
        #expect(cookie.name == prefix + state.prefix(8))
        #expect(cookie.isSecure == isSecure)
        #expect(signIn.isSecure == isSecure)
        #expect(cookie.lifetime == .seconds(600))
        #expect(signIn.cookieName(forState: state) == cookie.name)
    }

    /// The value of a parameter must not become another header field, or the name of another cookie.
    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("abcdefghijk", "abcdefgh"), ("a\r\nb=;c", "abc"), ("a\u{301}\0 b", "ab"),
        ("../=x", "x"),
    ])
    func cookieName_ofAnyState_holdsOnlyHarmlessCharacters(state: String, suffix: String) throws {
        #expect(try Installation().signIn.cookieName(forState: state) == "__Host-postern-login-\(suffix)")
    }

    /// RFC 6265 section 4.1.1: what a value may hold without quotes.
    @Test func value_isOfTheCharactersOfACookie() async throws {
        let signIn = try Installation(providers: [ScriptedIdentityProvider()]).signIn
        let value = try await signIn.begin(with: "corp").cookie.value
        #expect(Base64URL.decode(value) != nil)
        #expect(value.utf8.count < 4000)
    }
}
