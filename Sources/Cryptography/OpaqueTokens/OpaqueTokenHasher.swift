// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Makes the hash by which an opaque token is stored and found.
///
/// Each kind of token has a hasher with a key of its own, so that a token of one kind is unknown as another.
package struct OpaqueTokenHasher: Sendable {
    private let hmac: HMACSHA256
    private let previous: HMACSHA256?

    /// A hasher with the key for the kind of token, such as ``DerivedKey/Purpose/refreshTokenHashing``, and
    /// that of the previous secret while it counts.
    package init(key: DerivedKey, previous: DerivedKey? = nil) throws(CryptoError) {
        hmac = try HMACSHA256(key: key.bytes.exposed)
        self.previous = try previous.map { previous throws(CryptoError) in
            try HMACSHA256(key: previous.bytes.exposed)
        }
    }

    /// The 32-byte HMAC-SHA-256 of the token's text.
    package func hash(_ token: OpaqueToken) throws(CryptoError) -> [UInt8] {
        try hmac.authenticationCode(for: Array(token.text.exposed.utf8))
    }

    /// The hashes under which the token may be stored: that of ``hash(_:)``, and while the secret is being changed the
    /// one of the other secret.
    package func hashes(_ token: OpaqueToken) throws(CryptoError) -> [[UInt8]] {
        let hash = try hash(token)
        guard let previous else { return [hash] }
        return [hash, try previous.authenticationCode(for: Array(token.text.exposed.utf8))]
    }
}
