// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// A key of OpenSSL together with a context that is prepared for one operation with it, so that a call only duplicates
/// the context: preparing looks the algorithm up and takes locks.
///
/// `@unchecked Sendable` holds: key and context are complete when `init` returns and only read afterwards, each call
/// works on a duplicate of its own, and the reference counts that duplicating touches are atomic
/// (openssl-threads(7)).
final class PreparedKey: @unchecked Sendable {
    private let key: OpenSSLObject
    private let template: OpenSSLObject

    /// Takes the key over; `prepare` brings the context into the state from which every call starts.
    init(
        _ key: consuming OpenSSLObject,
        prepare: (OpaquePointer) throws(CryptoError) -> Void
    ) throws(CryptoError) {
        let context = try OpenSSLObject(
            EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil),
            "EVP_PKEY_CTX_new_from_pkey",
            free: EVP_PKEY_CTX_free
        )
        try prepare(context.pointer)
        self.key = key
        self.template = context
    }

    /// The `EVP_PKEY`, to be read while `body` runs.
    func withKey<Result>(_ body: (OpaquePointer) throws(CryptoError) -> Result) throws(CryptoError) -> Result {
        try body(key.pointer)
    }

    /// A context of the caller's own, ready for the operation.
    func context() throws(CryptoError) -> OpenSSLObject {
        try OpenSSLObject(EVP_PKEY_CTX_dup(template.pointer), "EVP_PKEY_CTX_dup", free: EVP_PKEY_CTX_free)
    }

    /// Whether `signature` is the key's for the SHA-256 digest `digest`; the context must be prepared for verifying.
    func isValid(signature: [UInt8], digest: [UInt8]) -> Bool {
        guard
            let context = try? context(),
            EVP_PKEY_verify(context.pointer, signature, signature.count, digest, digest.count) == 1
        else {
            // Nothing reads why a stranger's signature is bad, but what stays in the queue misleads the next reader.
            ERR_clear_error()
            return false
        }
        return true
    }
}
