// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// HKDF with SHA-256 (RFC 5869): independent keys from one secret.
package enum HKDFSHA256 {
    /// `count` bytes of key material that belong to `info`.
    ///
    /// - Throws: ``CryptoError`` when OpenSSL refuses, as for more than 8160 bytes.
    package static func derive(
        from secret: [UInt8],
        salt: [UInt8] = [],
        info: [UInt8],
        count: Int
    ) throws(CryptoError) -> [UInt8] {
        let context = try OpenSSLObject(
            EVP_KDF_CTX_new(try FetchedAlgorithm.hkdf.pointer),
            "EVP_KDF_CTX_new",
            free: EVP_KDF_CTX_free
        )
        var key = [UInt8](repeating: 0, count: count)
        let result = CCrypto_hkdf_sha256(
            context.pointer,
            secret,
            secret.count,
            salt,
            salt.count,
            info,
            info.count,
            &key,
            count
        )
        try check(result, "EVP_KDF_derive")
        return key
    }
}
