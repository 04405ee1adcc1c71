// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Outbound
import Providers
import Testing

@Suite struct OIDCProviderUpstreamTests {
    @Test(
        arguments: [
            ("issuer", nil), ("issuer", .string("https://evil.example")), ("issuer", .string("\(FakeIssuer.issuer)/")),
            ("issuer", .string("https://ISSUER.example/realm")), ("issuer", .array([.string(FakeIssuer.issuer)])),
            ("authorization_endpoint", nil), ("authorization_endpoint", .string("http://issuer.example/authorize")),
            ("authorization_endpoint", .string("javascript:alert(1)")),
            ("authorization_endpoint", .string("https://issuer.example/a#b")),
            ("token_endpoint", nil), ("token_endpoint", .string("http://issuer.example/token")),
            ("token_endpoint", .string("http://127.0.0.1:9464/token")),
            ("token_endpoint", .string("file:///etc/passwd")),
            ("jwks_uri", nil), ("jwks_uri", .string("http://localhost/jwks")), ("jwks_uri", .integer(1)),
            ("userinfo_endpoint", .string("http://issuer.example/userinfo")),
            ("response_types_supported", .array([.string("id_token")])),
            ("token_endpoint_auth_methods_supported", .string("client_secret_basic")),
        ] as [(String, JSONValue?)]
    )
    func begin_whenDiscoveryDocumentIsWrong_throws(name: String, value: JSONValue?) async throws {
        let fixture = try Fixture()
        fixture.issuer.change { $0.metadata[name] = value }
        #expect(await fixture.beginCode() == .upstream)
    }

    @Test(arguments: ["/.well-known/openid-configuration", "/jwks", "/token", "/userinfo"], Self.failures)
    func identity_whenAnAnswerIsNoJSON_throws(path: String, failure: FakeIssuer.Answer) async throws {
        let fixture = try Fixture()
        fixture.issuer.change { state in
            state.claims["email"] = nil
            state.answers[path] = failure
        }
        #expect(await fixture.code() == .upstream)
    }

    static let failures: [FakeIssuer.Answer] = [
        .failure(OutboundError(.timeout)),
        .failure(OutboundError(.tooLarge)),
        .success(OutboundResponse(status: 302, headers: ["location": "https://evil.example/"], body: [])),
        .success(OutboundResponse(status: 200, headers: ["content-type": "text/html"], body: Array("<html>".utf8))),
        .success(OutboundResponse(status: 200, headers: ["content-type": "text/html"], body: Array("{}".utf8))),
        .success(OutboundResponse(status: 200, headers: [:], body: Array("{}".utf8))),
        .success(OutboundResponse(status: 200, headers: ["content-type": "application/json"], body: Array("{".utf8))),
        FakeIssuer.json(.object(["error": .string("temporarily_unavailable")]), status: 503),
    ]

    @Test(arguments: [
        (400, "invalid_grant", ErrorCode.malformed), (400, "invalid_request", .upstream),
        (401, "invalid_client", .upstream), (500, "server_error", .upstream),
    ])
    func identity_whenTokenEndpointRefuses_tellsWhoseFaultItIs(
        status: Int,
        error: String,
        code: ErrorCode
    ) async throws {
        let fixture = try Fixture()
        fixture.issuer.change {
            $0.answers["/token"] = FakeIssuer.json(
                .object(["error": .string(error), "error_description": .string("code-is-secret")]),
                status: status
            )
        }
        do throws(DomainError) {
            _ = try await fixture.identity()
            Issue.record("accepted")
        } catch {
            #expect(error.code == code)
            #expect(!"\(error) \(error.cause.map { "\($0)" } ?? "")".contains("secret"))
        }
    }

    @Test(arguments: [JSONValue.null, .integer(1), .array([])])
    func identity_whenThereIsNoIDToken_throws(value: JSONValue) async throws {
        let fixture = try Fixture()
        fixture.issuer.change { $0.tokens["id_token"] = value }
        #expect(await fixture.code() == .upstream)
    }

    @Test(arguments: [
        "http://issuer.example", "issuer.example", "https://issuer.example?x=1", "https://issuer.example/#x",
        "https://user@issuer.example", "",
    ])
    func init_whenIssuerIsNoPlainHTTPSURL_throws(issuer: String) throws {
        let settings = ProviderSettings(
            name: "corp",
            displayName: "Corp",
            issuer: issuer,
            clientID: "client",
            clientSecret: nil,
            scopes: []
        )
        let transport = try FakeIssuer(time: FakeTime())
        #expect(throws: OutboundError.self) { try OIDCProvider(settings, transport: transport) }
    }
}
