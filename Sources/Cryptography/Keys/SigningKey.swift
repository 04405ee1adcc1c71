// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A private key that signs access tokens.
package struct SigningKey: Sendable {
    package let privateKey: ES256PrivateKey
    package let createdAt: Timestamp

    /// The name of the key in tokens and in the JWKS.
    package var kid: String { privateKey.publicKey.kid }

    package init(privateKey: ES256PrivateKey, createdAt: Timestamp) {
        self.privateKey = privateKey
        self.createdAt = createdAt
    }

    /// A new random key, made at `instant`.
    package static func generate(at instant: Timestamp) throws(CryptoError) -> SigningKey {
        SigningKey(privateKey: try .generate(), createdAt: instant)
    }

    /// Reads what ``wrapped(with:)`` returned.
    ///
    /// - Parameters:
    ///   - wrapped: The encrypted key.
    ///   - kid: The name under which it is stored.
    ///   - createdAt: When the key was made.
    ///   - key: The key for ``DerivedKey/Purpose/signingKeyWrapping``.
    /// - Throws: ``CryptoError`` with ``CryptoError/Code/authenticationFailed`` when the key was wrapped under another
    ///   secret or another `kid`, and ``CryptoError/Code/invalidKey`` when it does not have that name.
    package init(
        unwrapping wrapped: [UInt8],
        kid: String,
        createdAt: Timestamp,
        with key: DerivedKey
    ) throws(CryptoError) {
        let der = try AESGCM.open(wrapped, key: key.bytes.exposed, associatedData: Array(kid.utf8))
        self.init(privateKey: try ES256PrivateKey(derPKCS8: der), createdAt: createdAt)
        guard self.kid == kid else { throw CryptoError(.invalidKey, "kid") }
    }

    /// The private key, encrypted with AES-256-GCM under the key for ``DerivedKey/Purpose/signingKeyWrapping`` and
    /// bound to its `kid`.
    package func wrapped(with key: DerivedKey) throws(CryptoError) -> [UInt8] {
        try AESGCM.seal(try privateKey.derPKCS8(), key: key.bytes.exposed, associatedData: Array(kid.utf8))
    }
}
