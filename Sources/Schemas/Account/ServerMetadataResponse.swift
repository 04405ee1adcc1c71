// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What other services need to check our tokens, and apps to get them (RFC 8414 section 2).
///
/// There is no `authorization_endpoint`, because there is not one: a sign-in begins at the address of a provider, with
/// parameters of our own.
package struct ServerMetadataResponse: ResponseSchema {
    private let issuer: PublicURL

    /// - Parameter issuer: The `iss` of access tokens.
    package init(issuer: PublicURL) {
        self.issuer = issuer
    }

    package static let properties: [Property<ServerMetadataResponse>] = [
        .text("issuer", "The `iss` of access tokens.") { $0.issuer.text },
        .text("jwks_uri", "The keys of access tokens.") { "\($0.issuer)/.well-known/jwks.json" },
        .text("token_endpoint") { "\($0.issuer)/api/v1/auth/token" },
        .texts("token_endpoint_auth_methods_supported") { _ in ["none"] },
        .text("introspection_endpoint") { "\($0.issuer)/api/v1/auth/introspect" },
        .texts("introspection_endpoint_auth_methods_supported") { _ in ["Bearer"] },
        .text("revocation_endpoint") { "\($0.issuer)/api/v1/auth/revoke" },
        .texts("revocation_endpoint_auth_methods_supported") { _ in ["none"] },
        .texts("grant_types_supported") { _ in ["authorization_code", "refresh_token"] },
        .texts("response_types_supported") { _ in ["code"] },
        .texts("response_modes_supported") { _ in ["query"] },
        .texts("code_challenge_methods_supported") { _ in ["S256"] },
        .texts(
            "id_token_signing_alg_values_supported",
            "How access tokens are signed, for libraries that know ID tokens alone; there are none here."
        ) { _ in ["ES256"] },
        .texts("subject_types_supported", "The same user has the same `sub` everywhere.") { _ in ["public"] },
        .text("service_documentation") { "\($0.issuer)/docs" },
    ]
}
