// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Makes the hash by which an API key is stored and found.
///
/// It is keyed, so that a copy of the database neither lets keys be checked nor valid rows be written.
package struct APIKeyHasher: Sendable {
    private let hmac: HMACSHA256
    private let previous: HMACSHA256?

    /// A hasher with the key for ``DerivedKey/Purpose/apiKeyHashing``, and that of the previous secret while it counts.
    package init(key: DerivedKey, previous: DerivedKey? = nil) throws(CryptoError) {
        hmac = try HMACSHA256(key: key.bytes.exposed)
        self.previous = try previous.map { previous throws(CryptoError) in
            try HMACSHA256(key: previous.bytes.exposed)
        }
    }

    /// The 32-byte HMAC-SHA-256 of the key's text.
    package func hash(_ key: APIKeySecret) throws(CryptoError) -> [UInt8] {
        try hmac.authenticationCode(for: Array(key.text.exposed.utf8))
    }

    /// The hash under which the key may still be stored; nil unless the secret is being changed.
    package func previousHash(_ key: APIKeySecret) throws(CryptoError) -> [UInt8]? {
        try previous?.authenticationCode(for: Array(key.text.exposed.utf8))
    }
}
