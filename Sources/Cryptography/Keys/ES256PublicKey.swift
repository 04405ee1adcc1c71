// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCrypto
import Core

/// A P-256 key that checks ES256 signatures (ECDSA with SHA-256; RFC 7518 section 3.4).
package struct ES256PublicKey: Hashable, Sendable {
    /// The coordinates of the point, 32 bytes each, most significant byte first.
    package let x: [UInt8]
    package let y: [UInt8]
    /// The key's name: its JWK thumbprint (RFC 7638) in base64url.
    ///
    /// Equal keys have equal names on every host.
    package let kid: String

    private let key: PreparedKey

    /// The key with this point.
    ///
    /// - Throws: ``CryptoError`` with ``CryptoError/Code/invalidKey`` when a coordinate is not 32 bytes or the point is
    ///   not on the curve.
    package init(x: [UInt8], y: [UInt8]) throws(CryptoError) {
        guard x.count == 32, y.count == 32 else { throw CryptoError(.invalidKey, "P-256 point") }
        let point = [0x04] + x + y
        let key = try OpenSSLObject(
            CCrypto_p256_public_key(point, point.count),
            "P-256 point",
            code: .invalidKey,
            free: EVP_PKEY_free
        )
        self.x = x
        self.y = y
        self.kid = try Self.thumbprint(x: x, y: y)
        self.key = try PreparedKey(key) { context throws(CryptoError) in
            try check(EVP_PKEY_verify_init(context), "EVP_PKEY_verify_init")
        }
    }

    /// Whether `signature`, as R‖S in exactly 64 bytes, is this key's for `message`.
    ///
    /// False for anything else, such as DER, or a number that is zero or not below the order of the curve.
    package func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
        guard let der = ECDSASignature.der(fromRaw: signature), let digest = try? SHA256.digest(message) else {
            return false
        }
        return key.isValid(signature: der, digest: digest)
    }

    package static func == (left: ES256PublicKey, right: ES256PublicKey) -> Bool {
        left.x == right.x && left.y == right.y
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(x)
    }

    /// The SHA-256 of the required members in lexicographic order and without white space (RFC 7638 section 3).
    private static func thumbprint(x: [UInt8], y: [UInt8]) throws(CryptoError) -> String {
        var json = JSONWriter()
        json.object { json in
            json.member("crv", "P-256")
            json.member("kty", "EC")
            json.member("x", Base64URL.encode(x))
            json.member("y", Base64URL.encode(y))
        }
        return Base64URL.encode(try SHA256.digest(json.bytes))
    }
}
