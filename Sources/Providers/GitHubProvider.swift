// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Outbound

/// GitHub: OAuth 2 without ID tokens, so that its API says who a person is.
///
/// What its token endpoint and API answer is written down at https://docs.github.com/apps/oauth-apps and
/// https://docs.github.com/rest.
package struct GitHubProvider: IdentityProvider {
    package let name = GitHubSettings.name
    package let displayName = "GitHub"
    /// Stands for the issuer that GitHub does not name.
    package let issuer = "https://github.com"

    private let clientID: String
    private let clientSecret: Redacted<String>
    private let authorizeURL: OutboundURL
    private let tokenURL: OutboundURL
    private let userURL: OutboundURL
    private let emailsURL: OutboundURL
    private let transport: any HTTPTransport

    /// - Parameters:
    ///   - settings: Where GitHub is, and who we are to it.
    ///   - transport: What calls it.
    /// - Throws: ``ConfigurationError`` when an address is no https URL (or http URL of this host).
    package init(_ settings: GitHubSettings, transport: any HTTPTransport) throws(ConfigurationError) {
        func url(_ text: String, _ key: String) throws(ConfigurationError) -> OutboundURL {
            guard let url = try? OutboundURL(text), !url.hasQuery else {
                throw ConfigurationError(
                    key,
                    "must be an https URL, or an http URL of this host, without query and fragment"
                )
            }
            return url
        }
        self.authorizeURL = try url(settings.authorizeURL, SettingKey.githubAuthorizeURL)
        self.tokenURL = try url(settings.tokenURL, SettingKey.githubTokenURL)
        self.userURL = try url("\(settings.apiURL)/user", SettingKey.githubAPIURL)
        self.emailsURL = try url("\(settings.apiURL)/user/emails", SettingKey.githubAPIURL)
        self.clientID = settings.clientID
        self.clientSecret = settings.clientSecret
        self.transport = transport
    }

    package func authorizationURL(for request: AuthorizationRequest) async throws(DomainError) -> String {
        authorizeURL.appending(query: [
            ("client_id", clientID),
            ("redirect_uri", request.redirectURI),
            ("scope", "read:user user:email"),
            ("state", request.state),
            ("code_challenge", request.codeChallenge),
            ("code_challenge_method", PKCE.method),
        ])
    }

    package func identity(for callback: AuthorizationCallback) async throws(DomainError) -> ExternalIdentity {
        let token = try await accessToken(for: callback)
        let user = try await transport.json(request(userURL, token))
        // Never the login, which can be given up and taken by somebody else.
        guard let id = user["id"]?.integer, id > 0 else { throw .upstream(ProviderError.member("id")) }
        let email = try await email(token)
        return ExternalIdentity(
            issuer: issuer,
            subject: "\(id)",
            email: email,
            isEmailVerified: email != nil,
            displayName: user["name"]?.string ?? user["login"]?.string
        )
    }

    /// Swaps the code for a token.
    ///
    /// - Throws: ``ErrorCode/malformed`` when GitHub does not take the code.
    private func accessToken(for callback: AuthorizationCallback) async throws(DomainError) -> Redacted<String> {
        let json = try await transport.json(
            .post(
                tokenURL,
                form: [
                    ("client_id", clientID),
                    ("client_secret", clientSecret.exposed),
                    ("code", callback.code.exposed),
                    ("redirect_uri", callback.redirectURI),
                    ("code_verifier", callback.codeVerifier.exposed),
                ],
                headers: [.acceptJSON]
            )
        )
        // GitHub refuses with status 200.
        if let code = json["error"]?.string {
            let cause = ProviderError.refusal(code)
            guard code == "bad_verification_code" else { throw .upstream(cause) }
            throw DomainError(.malformed, "The code is wrong, too old, or was used before.", cause: cause)
        }
        guard json["token_type"]?.string?.lowercased() == "bearer", let token = json["access_token"]?.string else {
            throw .upstream(ProviderError.member("access_token"))
        }
        return Redacted(token)
    }

    /// The primary address if it is verified: anybody can add the address of somebody else, and it stays unverified.
    ///
    /// Not `email` of the user, which is whatever the profile shows, and null for most.
    private func email(_ token: Redacted<String>) async throws(DomainError) -> String? {
        let response = try await transport.answer(to: request(emailsURL, token, query: [("per_page", "100")]))
        // What it answers when the person did not let us see addresses.
        guard response.status != 404 else { return nil }
        guard response.status == 200 else { throw .upstream(ProviderError.status(response.status)) }
        guard let addresses = try response.json().array else { throw .upstream(ProviderError.member("emails")) }
        return addresses.first { $0["primary"] == .bool(true) && $0["verified"] == .bool(true) }?["email"]?.string
    }

    private func request(
        _ url: OutboundURL,
        _ token: Redacted<String>,
        query: [FormURLEncoded.Field] = []
    ) throws(DomainError) -> OutboundRequest {
        guard
            let authorization = OutboundRequest.Header("Authorization", "Bearer \(token.exposed)"),
            let version = OutboundRequest.Header("X-GitHub-Api-Version", "2022-11-28"),
            let url = try? query.isEmpty ? url : OutboundURL(url.appending(query: query))
        else { throw .upstream(ProviderError.member("access_token")) }
        return .get(url, headers: [.acceptJSON, authorization, version])
    }
}
