// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A proof key for one authorization request (RFC 7636), method S256.
package struct PKCE: Sendable {
    /// The method's name in the request.
    package static let method = "S256"

    /// The secret that the token request shows: 43 characters of base64url.
    package let verifier: Redacted<String>
    /// What the authorization request shows: the verifier's SHA-256 in base64url.
    package let challenge: String

    /// Takes a verifier that was made before.
    package init(verifier: String) throws(CryptoError) {
        self.verifier = Redacted(verifier)
        self.challenge = Base64URL.encode(try SHA256.digest(Array(verifier.utf8)))
    }

    /// A proof key from 32 random bytes.
    package static func generate() throws(CryptoError) -> PKCE {
        try PKCE(verifier: Base64URL.encode(try SecureRandom.bytes(32)))
    }
}
