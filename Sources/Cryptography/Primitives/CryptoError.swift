// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// A cryptographic operation that did not happen; what OpenSSL said about it is ``reason``, for the log alone.
package struct CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// OpenSSL refused or failed.
        case operationFailed = "cryptographic operation failed"
        /// A sealed text was changed, or sealed with another key or for another purpose.
        case authenticationFailed = "the sealed data is not authentic"
        /// A key is not of the kind, size or curve that it should be.
        case invalidKey = "the key is not acceptable"
    }

    package let code: Code
    /// What was attempted: the name of an OpenSSL function or of the input.
    package let operation: String
    /// The entries of OpenSSL's error queue, oldest first; for the log alone.
    package let reason: String

    init(_ code: Code, _ operation: String, reason: String = "") {
        self.code = code
        self.operation = operation
        self.reason = reason
    }

    /// The failure of the OpenSSL call `operation`.
    ///
    /// Empties this thread's error queue, so that a later failure is not blamed on this one.
    static func fromQueue(_ operation: String, code: Code = .operationFailed) -> CryptoError {
        var reasons: [String] = []
        while case let number = ERR_get_error(), number != 0 {
            var text = [CChar](repeating: 0, count: 256)
            ERR_error_string_n(number, &text, text.count)
            // CChar is signed on one architecture and unsigned on another.
            let bytes = text.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }
            reasons.append(String(decoding: bytes, as: UTF8.self))
        }
        return CryptoError(code, operation, reason: reasons.joined(separator: "; "))
    }

    package var description: String {
        "\(code.rawValue) (\(operation))"
    }
}
