// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Outbound
import Providers
import Testing

@Suite struct OIDCProviderTests {
    @Test func authorizationURL_hasEveryParameterEscaped() async throws {
        let fixture = try Fixture(clientID: "client&id")
        fixture.issuer.change { $0.metadata["authorization_endpoint"] = .string("https://issuer.example/a?tenant=1") }
        let url = try await fixture.authorizationURL()
        #expect(
            url == "https://issuer.example/a?tenant=1&response_type=code&client_id=client%26id"
                + "&redirect_uri=https%3A%2F%2Fid.example%2Fcallback&scope=openid%20email%20profile&state=state"
                + "&nonce=nonce&code_challenge=challenge&code_challenge_method=S256"
        )
    }

    @Test func identity_whenEverythingHolds_isThatOfTheIDToken() async throws {
        let fixture = try Fixture()
        let identity = try await fixture.identity()
        #expect(
            identity
                == ExternalIdentity(
                    issuer: FakeIssuer.issuer,
                    subject: "subject-1",
                    email: "ada@example.com",
                    isEmailVerified: true,
                    displayName: "Ada"
                )
        )
        #expect(fixture.issuer.requests(to: "/userinfo").isEmpty)
    }

    @Test(arguments: [JSONValue.bool(false), .string("true"), .integer(1), .null])
    func identity_whenEmailIsNotVerifiedByABoolean_isNotVerified(claim: JSONValue) async throws {
        let fixture = try Fixture()
        fixture.issuer.change { $0.claims["email_verified"] = claim }
        #expect(try await !fixture.identity().isEmailVerified)
    }

    @Test func tokenRequest_withSecret_authenticatesByHeader() async throws {
        let fixture = try Fixture(secret: "s:e/c", clientID: "client")
        _ = try await fixture.identity()
        let request = try #require(fixture.issuer.requests(to: "/token").first)
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "grant_type=authorization_code&code=code&redirect_uri=https%3A%2F%2Fid.example%2Fcallback"
                + "&code_verifier=verifier"
        )
        // "client:s%3Ae%2Fc"
        #expect(authorization(of: request) == "Basic Y2xpZW50OnMlM0FlJTJGYw==")
    }

    @Test func tokenRequest_whenProviderTakesTheFormAlone_authenticatesThere() async throws {
        let fixture = try Fixture()
        fixture.issuer.change {
            $0.metadata["token_endpoint_auth_methods_supported"] = .array([
                .string("private_key_jwt"), .string("client_secret_post"),
            ])
        }
        _ = try await fixture.identity()
        let request = try #require(fixture.issuer.requests(to: "/token").first)
        #expect(String(decoding: request.body, as: UTF8.self).hasSuffix("&client_id=client&client_secret=secret"))
        #expect(authorization(of: request) == nil)
    }

    @Test func tokenRequest_withoutSecret_isThatOfAPublicClient() async throws {
        let fixture = try Fixture(secret: nil)
        _ = try await fixture.identity()
        let request = try #require(fixture.issuer.requests(to: "/token").first)
        #expect(String(decoding: request.body, as: UTF8.self).hasSuffix("&code_verifier=verifier&client_id=client"))
        #expect(authorization(of: request) == nil)
    }

    @Test func tokenRequest_whenProviderTakesNoSecret_isNotSent() async throws {
        let fixture = try Fixture()
        fixture.issuer.change {
            $0.metadata["token_endpoint_auth_methods_supported"] = .array([.string("private_key_jwt")])
        }
        #expect(await fixture.code() == .upstream)
        #expect(fixture.issuer.requests(to: "/token").isEmpty)
    }

    @Test func identity_whenIDTokenHasNoEmail_asksUserInfo() async throws {
        let fixture = try Fixture()
        fixture.issuer.change { state in
            state.claims["email"] = nil
            // What the ID token says about an address that it does not name is worth nothing.
            state.userInfo = ["sub": .string("subject-1"), "email": .string("grace@example.com")]
        }
        let identity = try await fixture.identity()
        #expect(identity.email == "grace@example.com")
        #expect(!identity.isEmailVerified)
        #expect(identity.displayName == "Ada")
        let request = try #require(fixture.issuer.requests(to: "/userinfo").first)
        #expect(authorization(of: request) == "Bearer access")
    }

    @Test func identity_whenThereIsNoUserInfo_hasNoEmail() async throws {
        let fixture = try Fixture()
        fixture.issuer.change { state in
            state.claims["email"] = nil
            state.metadata["userinfo_endpoint"] = nil
        }
        #expect(try await fixture.identity().email == nil)
    }

    @Test(arguments: [JSONValue.string("subject-2"), .string("subject-1 "), .integer(1), .null])
    func identity_whenUserInfoIsAboutSomebodyElse_throws(subject: JSONValue) async throws {
        let fixture = try Fixture()
        fixture.issuer.change { state in
            state.claims["email"] = nil
            state.userInfo = ["sub": subject, "email": .string("eve@example.com"), "email_verified": .bool(true)]
        }
        #expect(await fixture.code() == .unauthenticated)
    }

    @Test(arguments: ["a\r\nX-Admin: 1", "a\u{0}", "ä"])
    func identity_whenAccessTokenIsNoHeaderValue_throws(token: String) async throws {
        let fixture = try Fixture()
        fixture.issuer.change { state in
            state.claims["email"] = nil
            state.tokens["access_token"] = .string(token)
        }
        #expect(await fixture.code() == .upstream)
        #expect(fixture.issuer.requests(to: "/userinfo").isEmpty)
    }

    @Test(arguments: [
        (nil, false, nil), (FakeIssuer.issuer, false, nil), (FakeIssuer.issuer, true, nil),
        (nil, true, ErrorCode.malformed), ("https://evil.example", false, .malformed),
        ("\(FakeIssuer.issuer)/", true, .malformed),
    ])
    func identity_checksTheIssuerOfTheCallback(issuer: String?, isAdvertised: Bool, code: ErrorCode?) async throws {
        let fixture = try Fixture()
        fixture.issuer.change { $0.metadata["authorization_response_iss_parameter_supported"] = .bool(isAdvertised) }
        let callback = AuthorizationCallback(
            code: Fixture.callback.code,
            codeVerifier: Fixture.callback.codeVerifier,
            nonce: "nonce",
            redirectURI: Fixture.callback.redirectURI,
            issuer: issuer
        )
        #expect(await fixture.code(callback) == code)
        #expect(fixture.issuer.requests(to: "/token").count == (code == nil ? 1 : 0))
    }

    private func authorization(of request: OutboundRequest) -> String? {
        request.headers.first { $0.name == "Authorization" }?.value.exposed
    }
}
