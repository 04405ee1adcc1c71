// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Services

/// What resource servers need to check our tokens by themselves.
struct WellKnownEndpoints {
    private let signingKeys: SigningKeyService

    init(_ signingKeys: SigningKeyService) {
        self.signingKeys = signingKeys
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/.well-known/jwks.json",
                "The public keys of access tokens (RFC 7517).",
                givesRaw: SuccessDescription(status: .ok, contentType: .jwkSet),
                errors: [.unavailable]
            ) { [signingKeys] _ throws(DomainError) in
                Reply(
                    status: .ok,
                    contentType: .jwkSet,
                    headers: [.cacheControl: "public, max-age=300"],
                    body: try signingKeys.jwks()
                )
            }
        ]
    }
}
