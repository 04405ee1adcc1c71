// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Outbound
import Providers
import Testing

@Suite struct GitHubProviderTests {
    private static let paths = [
        "https://github.com/login/oauth/access_token", "https://api.github.com/user",
        "https://api.github.com/user/emails",
    ]

    private let github = FakeGitHub()
    private let provider: GitHubProvider

    init() throws {
        provider = try GitHubProvider(
            GitHubSettings(clientID: "client", clientSecret: Redacted("s&cret")),
            transport: github
        )
    }

    private func identity() async throws(DomainError) -> ExternalIdentity {
        try await provider.identity(for: Fixture.callback)
    }

    private func failure() async -> ErrorCode? {
        do throws(DomainError) {
            _ = try await identity()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func authorizationURL_hasStateScopesAndChallenge() async throws {
        let url = try await provider.authorizationURL(
            for: AuthorizationRequest(state: "s", nonce: "n", codeChallenge: "c", redirectURI: "https://id.example/cb")
        )
        #expect(
            url == "https://github.com/login/oauth/authorize?client_id=client"
                + "&redirect_uri=https%3A%2F%2Fid.example%2Fcb&scope=read%3Auser%20user%3Aemail&state=s"
                + "&code_challenge=c&code_challenge_method=S256"
        )
    }

    @Test func identity_isTheNumberAndThePrimaryAddress() async throws {
        let identity = try await identity()
        #expect(identity.issuer == "https://github.com")
        #expect(identity.subject == "583231")
        #expect(identity.email == "ada@example.com")
        #expect(identity.isEmailVerified)
        #expect(identity.displayName == "Ada Lovelace")
        #expect(
            github.requests.map { "\($0.method.rawValue) \($0.url.text)" } == [
                "POST https://github.com/login/oauth/access_token", "GET https://api.github.com/user",
                "GET https://api.github.com/user/emails?per_page=100",
            ]
        )
        #expect(
            String(decoding: github.requests[0].body, as: UTF8.self)
                == "client_id=client&client_secret=s%26cret&code=code&redirect_uri=https%3A%2F%2Fid.example%2Fcallback"
                + "&code_verifier=verifier"
        )
        for request in github.requests.dropFirst() {
            #expect(request.headers.first { $0.name == "Authorization" }?.value.exposed == "Bearer gho_token")
        }
    }

    @Test func identity_withoutAName_hasTheLogin() async throws {
        github.change { $0.user = #"{"login": "ada", "id": 1, "name": null, "email": "public@example.com"}"# }
        #expect(try await identity().displayName == "ada")
        #expect(try await identity().email == "ada@example.com")
    }

    @Test(arguments: [
        "[]",
        #"[{"email": "a@example.com", "primary": true, "verified": false, "visibility": "public"}]"#,
        #"[{"email": "a@example.com", "primary": false, "verified": true, "visibility": null}]"#,
        #"[{"email": "a@example.com", "primary": true, "verified": "true"}]"#,
        #"[{"email": "a@example.com", "primary": 1, "verified": true}]"#,
        #"[{"email": null, "primary": true, "verified": true}]"#,
        #"[null, 1, "a@example.com"]"#,
    ])
    func identity_withoutAPrimaryVerifiedAddress_hasNone(emails: String) async throws {
        github.change { $0.emails = emails }
        let identity = try await identity()
        #expect(identity.email == nil)
        #expect(!identity.isEmailVerified)
    }

    @Test func identity_withManyAddresses_takesThePrimaryOne() async throws {
        let others = (1...60).map { #"{"email": "\#($0)@example.com", "primary": false, "verified": true}"# }
        let primary = #"{"email": "ada@example.com", "primary": true, "verified": true}"#
        github.change { $0.emails = "[\((others + [primary]).joined(separator: ","))]" }
        #expect(try await identity().email == "ada@example.com")
    }

    @Test func identity_whenAddressesMayNotBeSeen_hasNone() async throws {
        github.change {
            $0.answers[Self.paths[2]] = .success(FakeGitHub.json(#"{"message": "Not Found"}"#, status: 404))
        }
        #expect(try await identity().email == nil)
    }

    @Test(arguments: [
        #"{"login": "ada"}"#, #"{"id": "583231"}"#, #"{"id": 0}"#, #"{"id": -1}"#, #"{"id": 1.5}"#, #"{"id": null}"#,
        "[]",
    ])
    func identity_withoutANumber_isAnUpstreamError(user: String) async {
        github.change { $0.user = user }
        #expect(await failure() == .upstream)
    }

    @Test(arguments: [
        (#"{"error": "bad_verification_code", "error_description": "expired"}"#, ErrorCode.malformed),
        (#"{"error": "incorrect_client_credentials"}"#, .upstream), (#"{"error": "redirect_uri_mismatch"}"#, .upstream),
        (#"{"access_token": "gho_token"}"#, .upstream), (#"{"token_type": "bearer"}"#, .upstream),
        (#"{"access_token": "a\r\nX: y", "token_type": "bearer"}"#, .upstream), ("{}", .upstream),
        ("access_token=x", .upstream),
    ])
    func identity_whenTheCodeIsNotTaken_isRefused(token: String, code: ErrorCode) async {
        github.change { $0.token = token }
        #expect(await failure() == code)
        #expect(github.requests.count == 1)
    }

    @Test(arguments: paths)
    func identity_whenGitHubFails_isAnUpstreamError(path: String) async {
        let limited = #"{"message": "API rate limit exceeded", "documentation_url": "https://docs.github.com/"}"#
        let answers: [Result<OutboundResponse, OutboundError>] = [
            .success(FakeGitHub.json(limited, status: 403)), .success(FakeGitHub.json(limited, status: 429)),
            .success(FakeGitHub.json(#"{"message": "Bad credentials"}"#, status: 401)),
            .success(FakeGitHub.json("{", status: 200)), .success(FakeGitHub.json("", status: 302)),
            .success(FakeGitHub.json("<html>Unicorn!</html>", status: 502)),
            .success(OutboundResponse(status: 200, headers: ["content-type": "text/html"], body: Array("[]".utf8))),
            .failure(OutboundError(.timeout)), .failure(OutboundError(.tooLarge)),
        ]
        for answer in answers {
            github.change { $0.answers[path] = answer }
            #expect(await failure() == .upstream)
        }
    }

    @Test(arguments: [
        "http://github.example", "ftp://localhost", "https://user@localhost", "https://localhost?a=b", "",
    ])
    func init_withAnAddressThatMayNotBeCalled_isRefused(url: String) {
        #expect(throws: ConfigurationError.self) {
            try GitHubProvider(
                GitHubSettings(clientID: "client", clientSecret: Redacted("secret"), apiURL: url),
                transport: github
            )
        }
    }
}
