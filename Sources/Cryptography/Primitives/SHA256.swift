// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    /// Bytes of a digest.
    package static let size = 32

    /// The 32-byte digest of `message`.
    package static func digest(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: size)
        let algorithm = try FetchedAlgorithm.sha256.pointer
        try check(EVP_Digest(message, message.count, &digest, nil, algorithm, nil), "EVP_Digest")
        return digest
    }
}
