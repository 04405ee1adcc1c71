// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// A P-256 key that makes ES256 signatures (ECDSA with SHA-256; RFC 7518 section 3.4).
package struct ES256PrivateKey: Sendable {
    package let publicKey: ES256PublicKey

    private let key: PreparedKey

    /// A new random key.
    ///
    /// - Throws: ``CryptoError`` when OpenSSL fails.
    package static func generate() throws(CryptoError) -> ES256PrivateKey {
        try ES256PrivateKey(OpenSSLObject(CCrypto_p256_generate(), "EVP_PKEY_Q_keygen", free: EVP_PKEY_free))
    }

    /// Reads a DER `PrivateKeyInfo` (PKCS #8, RFC 5208) of a P-256 key.
    ///
    /// - Throws: ``CryptoError`` with ``CryptoError/Code/invalidKey`` for anything else.
    package init(derPKCS8 der: [UInt8]) throws(CryptoError) {
        let key = try OpenSSLObject(
            CCrypto_read_pkcs8(der, der.count),
            "PKCS #8",
            code: .invalidKey,
            free: EVP_PKEY_free
        )
        try self.init(key)
    }

    private init(_ key: consuming OpenSSLObject) throws(CryptoError) {
        var point = [UInt8](repeating: 0, count: 65)
        var count = 0
        try check(CCrypto_ec_point(key.pointer, &point, point.count, &count), "EC point", code: .invalidKey)
        guard count == 65, point[0] == 0x04 else { throw CryptoError(.invalidKey, "EC point") }
        // Throws when the point is on another curve.
        publicKey = try ES256PublicKey(x: Array(point[1..<33]), y: Array(point[33...]))
        self.key = try PreparedKey(key) { context throws(CryptoError) in
            try check(EVP_PKEY_pairwise_check(context), "EVP_PKEY_pairwise_check", code: .invalidKey)
            try check(EVP_PKEY_sign_init(context), "EVP_PKEY_sign_init")
        }
    }

    /// The signature of `message` as R‖S, 64 bytes.
    ///
    /// - Throws: ``CryptoError`` when OpenSSL fails.
    package func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        let digest = try SHA256.digest(message)
        let context = try key.context()
        var der = [UInt8](repeating: 0, count: 80)
        var count = der.count
        try check(EVP_PKEY_sign(context.pointer, &der, &count, digest, digest.count), "EVP_PKEY_sign")
        guard let raw = ECDSASignature.raw(fromDER: Array(der[..<count])) else {
            throw CryptoError(.operationFailed, "EVP_PKEY_sign")
        }
        return raw
    }

    /// The key as a DER `PrivateKeyInfo` (PKCS #8), not encrypted: to be wrapped at once.
    ///
    /// - Throws: ``CryptoError`` when OpenSSL fails.
    package func derPKCS8() throws(CryptoError) -> [UInt8] {
        try key.withKey { key throws(CryptoError) in
            var bytes: UnsafeMutablePointer<UInt8>?
            let count = Int(CCrypto_write_pkcs8(key, &bytes))
            guard let bytes, count > 0 else { throw .fromQueue("i2d_PKCS8_PRIV_KEY_INFO") }
            defer { CCrypto_free_secret(bytes, count) }
            return Array(UnsafeBufferPointer(start: bytes, count: count))
        }
    }
}
