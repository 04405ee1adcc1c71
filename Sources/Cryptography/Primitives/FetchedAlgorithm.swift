// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// An algorithm of OpenSSL's default provider, looked up once for the life of the process: the look-up that OpenSSL
/// does by itself at every call takes locks (crypto(7), "Performance").
///
/// `@unchecked Sendable` holds: a fetched algorithm is immutable, and its reference count is atomic.
struct FetchedAlgorithm: @unchecked Sendable {
    static let sha256 = FetchedAlgorithm("EVP_MD_fetch", EVP_MD_fetch(nil, "SHA256", nil))
    static let aes256GCM = FetchedAlgorithm("EVP_CIPHER_fetch", EVP_CIPHER_fetch(nil, "AES-256-GCM", nil))
    static let hmac = FetchedAlgorithm("EVP_MAC_fetch", EVP_MAC_fetch(nil, "HMAC", nil))
    static let hkdf = FetchedAlgorithm("EVP_KDF_fetch", EVP_KDF_fetch(nil, "HKDF", nil))

    private let operation: String
    private let found: OpaquePointer?

    private init(_ operation: String, _ found: OpaquePointer?) {
        self.operation = operation
        self.found = found
    }

    /// The algorithm.
    ///
    /// - Throws: ``CryptoError`` when this installation of OpenSSL does not have it.
    var pointer: OpaquePointer {
        get throws(CryptoError) {
            guard let found else { throw .fromQueue(operation) }
            return found
        }
    }
}
