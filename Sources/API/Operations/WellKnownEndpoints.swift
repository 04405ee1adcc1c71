// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Schemas
import Services

/// What resource servers need to check our tokens by themselves.
struct WellKnownEndpoints {
    private static let caching: HTTPFields = [.cacheControl: "public, max-age=300"]

    private let signingKeys: SigningKeyService
    private let issuer: PublicURL

    /// - Parameters:
    ///   - signingKeys: The keys of access tokens.
    ///   - issuer: The `iss` of access tokens.
    init(_ signingKeys: SigningKeyService, issuer: PublicURL) {
        self.signingKeys = signingKeys
        self.issuer = issuer
    }

    var endpoints: [Endpoint] {
        [
            keySet,
            metadata("/.well-known/oauth-authorization-server", "Where everything is (RFC 8414)."),
            metadata("/.well-known/openid-configuration", "The same, for libraries that look here for it."),
        ]
    }

    private var keySet: Endpoint {
        Endpoint(
            .get,
            "/.well-known/jwks.json",
            "The public keys of access tokens (RFC 7517).",
            givesRaw: SuccessDescription(status: .ok, contentType: .jwkSet),
            errors: [.unavailable]
        ) { [signingKeys] _ throws(DomainError) in
            Reply(status: .ok, contentType: .jwkSet, headers: Self.caching, body: try signingKeys.jwks())
        }
    }

    private func metadata(_ path: String, _ summary: String) -> Endpoint {
        let document = ServerMetadataResponse(issuer: issuer).json
        return Endpoint(
            .get,
            path,
            summary,
            givesRaw: SuccessDescription(status: .ok, contentType: .json, schema: ServerMetadataResponse.schema)
        ) { _ throws(DomainError) in
            Reply(status: .ok, contentType: .json, headers: Self.caching, body: document)
        }
    }
}
