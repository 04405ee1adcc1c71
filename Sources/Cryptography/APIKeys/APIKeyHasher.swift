// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Makes the hash by which an API key is stored and found.
///
/// It is keyed, so that a copy of the database neither lets keys be checked nor valid rows be written.
package struct APIKeyHasher: Sendable {
    private let hmac: HMACSHA256

    /// A hasher with the key for ``DerivedKey/Purpose/apiKeyHashing``.
    package init(key: DerivedKey) throws(CryptoError) {
        hmac = try HMACSHA256(key: key.bytes.exposed)
    }

    /// The 32-byte HMAC-SHA-256 of the key's text.
    package func hash(_ key: APIKeySecret) throws(CryptoError) -> [UInt8] {
        try hmac.authenticationCode(for: Array(key.text.exposed.utf8))
    }
}
