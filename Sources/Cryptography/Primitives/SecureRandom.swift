// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// Randomness for secrets, from OpenSSL's generator.
package enum SecureRandom {
    /// `count` unpredictable bytes.
    ///
    /// - Throws: ``CryptoError`` when the generator cannot be seeded; then there is no secret to hand out.
    package static func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard let size = Int32(exactly: count) else { throw CryptoError(.operationFailed, "RAND_bytes") }
        try check(RAND_bytes(&bytes, size), "RAND_bytes")
        return bytes
    }
}
