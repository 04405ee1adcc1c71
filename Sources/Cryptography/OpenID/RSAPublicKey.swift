// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// An RSA key that checks signatures of foreign issuers; nothing here signs with RSA.
///
/// `@unchecked Sendable` holds: the key is complete when `init` returns and only read afterwards; each check makes a
/// context of its own.
package final class RSAPublicKey: @unchecked Sendable {
    /// From what counts as strong (NIST SP 800-131A) to what is bearable: the time of a check grows with the square.
    package static let acceptedBits = 2048...8192

    private let key: OpenSSLObject

    /// The key with this modulus and exponent, most significant byte first.
    ///
    /// - Throws: ``CryptoError`` with ``CryptoError/Code/invalidKey`` when the modulus is not 2048 to 8192 bits, or one
    ///   of the two cannot be RSA's: even, or an exponent below 3 or above 64 bits.
    package init(modulus: [UInt8], exponent: [UInt8]) throws(CryptoError) {
        let modulus = Array(modulus.drop { $0 == 0 })
        let exponent = Array(exponent.drop { $0 == 0 })
        let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        guard
            Self.acceptedBits.contains(bits), modulus.last.map({ $0 % 2 == 1 }) == true,
            (1...8).contains(exponent.count), exponent.last.map({ $0 % 2 == 1 }) == true, exponent != [1]
        else { throw CryptoError(.invalidKey, "RSA") }
        let (n, e) = (Self.native(modulus), Self.native(exponent))
        key = try OpenSSLObject(
            CCrypto_rsa_public_key(n, n.count, e, e.count),
            "RSA",
            code: .invalidKey,
            free: EVP_PKEY_free
        )
    }

    /// Whether `signature` is this key's for `message`; false for ``JWSAlgorithm/es256``.
    package func isValid(signature: [UInt8], for message: [UInt8], algorithm: JWSAlgorithm) -> Bool {
        do {
            let digest = try SHA256.digest(message)
            let context = try OpenSSLObject(
                EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil),
                "EVP_PKEY_CTX_new_from_pkey",
                free: EVP_PKEY_CTX_free
            )
            try check(EVP_PKEY_verify_init(context.pointer), "EVP_PKEY_verify_init")
            switch algorithm {
            case .rs256:
                try setPadding(RSA_PKCS1_PADDING, of: context.pointer)
            case .ps256:
                try setPadding(RSA_PKCS1_PSS_PADDING, of: context.pointer)
                // RFC 7518 section 3.5: the salt is as long as the digest, and MGF1 uses the same hash.
                try check(
                    EVP_PKEY_CTX_set_rsa_pss_saltlen(context.pointer, RSA_PSS_SALTLEN_DIGEST),
                    "PSS salt length"
                )
                try check(
                    EVP_PKEY_CTX_set_rsa_mgf1_md(context.pointer, try FetchedAlgorithm.sha256.pointer),
                    "PSS MGF1"
                )
            case .es256:
                return false
            }
            try check(
                EVP_PKEY_verify(context.pointer, signature, signature.count, digest, digest.count),
                "EVP_PKEY_verify"
            )
            return true
        } catch {
            return false
        }
    }

    private func setPadding(_ padding: Int32, of context: OpaquePointer) throws(CryptoError) {
        try check(EVP_PKEY_CTX_set_rsa_padding(context, padding), "EVP_PKEY_CTX_set_rsa_padding")
        try check(
            EVP_PKEY_CTX_set_signature_md(context, try FetchedAlgorithm.sha256.pointer),
            "EVP_PKEY_CTX_set_signature_md"
        )
    }

    /// A big-endian number in the byte order of this machine, which OpenSSL's parameters have.
    private static func native(_ number: [UInt8]) -> [UInt8] {
        UInt16(1).littleEndian == 1 ? number.reversed() : number
    }
}
