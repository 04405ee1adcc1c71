// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Outbound

extension OIDCProvider {
    /// What the token endpoint gives for a code.
    struct Tokens {
        let idToken: String
        /// For the userinfo endpoint; nil when the answer has no bearer token.
        let accessToken: Redacted<String>?
    }

    /// Swaps the code of `callback` for tokens (RFC 6749 section 4.1.3).
    ///
    /// - Throws: ``ErrorCode/malformed`` when the provider does not take the code, ``ErrorCode/upstream`` for anything
    ///   else but tokens.
    func redeem(_ callback: AuthorizationCallback, at document: DiscoveryDocument) async throws(DomainError) -> Tokens {
        let authentication: ClientAuthentication
        do throws(ProviderError) {
            authentication = try ClientAuthentication(
                secret: settings.clientSecret,
                supported: document.clientAuthenticationMethods
            )
        } catch {
            throw .upstream(error)
        }
        let form: [FormURLEncoded.Field] = [
            ("grant_type", "authorization_code"),
            ("code", callback.code.exposed),
            ("redirect_uri", callback.redirectURI),
            ("code_verifier", callback.codeVerifier.exposed),
        ]
        let response = try await transport.answer(
            to: .post(
                document.tokenEndpoint,
                form: form + authentication.fields(clientID: settings.clientID),
                headers: [.acceptJSON] + authentication.headers(clientID: settings.clientID)
            )
        )
        guard response.status == 200 else { throw Self.refusal(response) }
        return try Self.tokens(in: response.json())
    }

    /// RFC 6749 section 5.1 with the `id_token` of OpenID Connect Core 1.0 section 3.1.3.3.
    private static func tokens(in json: JSONValue) throws(DomainError) -> Tokens {
        guard let idToken = json["id_token"]?.string else { throw .upstream(ProviderError.member("id_token")) }
        let isBearer = json["token_type"]?.string?.lowercased() == "bearer"
        return Tokens(
            idToken: idToken,
            accessToken: isBearer ? json["access_token"]?.string.map { Redacted($0) } : nil
        )
    }

    /// The error of RFC 6749 section 5.2.
    ///
    /// Only `invalid_grant` is about the code; every other refusal is between the provider and us.
    private static func refusal(_ response: OutboundResponse) -> DomainError {
        guard let code = (try? response.json())?["error"]?.string else {
            return .upstream(ProviderError.status(response.status))
        }
        let cause = ProviderError.refusal(code)
        guard code == "invalid_grant" else { return .upstream(cause) }
        return DomainError(.malformed, "The code is wrong, too old, or was used before.", cause: cause)
    }
}
