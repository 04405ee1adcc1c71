// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Makes the hash by which an opaque token is stored and found.
///
/// Each kind of token has a hasher with a key of its own, so that a token of one kind is unknown as another.
package struct OpaqueTokenHasher: Sendable {
    private let hmac: HMACSHA256

    /// A hasher with the key for the kind of token, such as ``DerivedKey/Purpose/refreshTokenHashing``.
    package init(key: DerivedKey) throws(CryptoError) {
        hmac = try HMACSHA256(key: key.bytes.exposed)
    }

    /// The 32-byte HMAC-SHA-256 of the token's text.
    package func hash(_ token: OpaqueToken) throws(CryptoError) -> [UInt8] {
        try hmac.authenticationCode(for: Array(token.text.exposed.utf8))
    }
}
