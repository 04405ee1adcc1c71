// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Why a token is refused.
///
/// It never repeats anything of the token.
package struct TokenError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, CaseIterable, Sendable {
        /// Not three parts of base64url, or not JSON objects, or a header that must not be there.
        case malformed
        case tooLarge = "too_large"
        /// Signed with an algorithm, or of a type, that is not accepted here.
        case algorithm
        /// No accepted key has this name.
        ///
        /// For a foreign issuer: its keys may have changed.
        case unknownKey = "unknown_key"
        case signature
        case expired
        case notYetValid = "not_yet_valid"
        /// A claim is missing, of the wrong type, or says something else than it must.
        case claims
    }

    package let code: Code
    /// What is wrong, in words that are safe for the caller and the log.
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String {
        "\(code.rawValue): \(detail)"
    }
}
