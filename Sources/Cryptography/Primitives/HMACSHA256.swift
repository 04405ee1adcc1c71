// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// HMAC-SHA-256 (RFC 2104) with one key.
///
/// `@unchecked Sendable` holds: the context is complete when `init` returns; afterwards it is only read, by the
/// duplication that every call starts with.
package final class HMACSHA256: @unchecked Sendable {
    private let template: OpenSSLObject

    /// - Throws: ``CryptoError`` when OpenSSL refuses.
    package init(key: [UInt8]) throws(CryptoError) {
        let algorithm = try FetchedAlgorithm.hmac.pointer
        template = try OpenSSLObject(EVP_MAC_CTX_new(algorithm), "EVP_MAC_CTX_new", free: EVP_MAC_CTX_free)
        try check(CCrypto_hmac_sha256_init(template.pointer, key, key.count), "EVP_MAC_init")
    }

    /// The 32-byte code of `message`.
    ///
    /// - Throws: ``CryptoError`` when OpenSSL fails.
    package func authenticationCode(for message: [UInt8]) throws(CryptoError) -> [UInt8] {
        let context = try OpenSSLObject(
            EVP_MAC_CTX_dup(template.pointer),
            "EVP_MAC_CTX_dup",
            free: EVP_MAC_CTX_free
        )
        try check(EVP_MAC_update(context.pointer, message, message.count), "EVP_MAC_update")
        var code = [UInt8](repeating: 0, count: SHA256.size)
        var size = 0
        try check(EVP_MAC_final(context.pointer, &code, &size, code.count), "EVP_MAC_final")
        guard size == code.count else { throw CryptoError(.operationFailed, "EVP_MAC_final") }
        return code
    }
}
