// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// Owns one object of OpenSSL and frees it.
///
/// ``pointer`` is good to the end of the owner's scope, not only to its last use: the compiler does not shorten the
/// life of a value that cannot be copied and has a `deinit`.
struct OpenSSLObject: ~Copyable {
    let pointer: OpaquePointer
    private let free: (OpaquePointer?) -> Void

    /// Takes what a constructor of OpenSSL returned.
    ///
    /// - Throws: ``CryptoError`` when that is nothing.
    init(
        _ pointer: OpaquePointer?,
        _ operation: String,
        code: CryptoError.Code = .operationFailed,
        free: @escaping (OpaquePointer?) -> Void
    ) throws(CryptoError) {
        guard let pointer else { throw .fromQueue(operation, code: code) }
        self.pointer = pointer
        self.free = free
    }

    deinit {
        free(pointer)
    }
}

/// Checks the return code of an OpenSSL call, for which 1 alone is success.
func check(_ result: Int32, _ operation: String, code: CryptoError.Code = .operationFailed) throws(CryptoError) {
    guard result == 1 else { throw .fromQueue(operation, code: code) }
}
