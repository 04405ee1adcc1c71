// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A random secret that means nothing by itself: a refresh token, a sign-in link, a code, a state.
///
/// It cannot be printed by accident.
package struct OpaqueToken: Sendable {
    private static let size = 32

    /// 43 characters of base64url.
    package let text: Redacted<String>

    private init(text: String) {
        self.text = Redacted(text)
    }

    /// A token of 32 random bytes.
    ///
    /// - Throws: ``CryptoError`` when there is no randomness.
    package static func generate() throws(CryptoError) -> OpaqueToken {
        OpaqueToken(text: Base64URL.encode(try SecureRandom.bytes(size)))
    }

    /// The token, when `text` has the form of one; nil for anything else.
    package static func parse(_ text: String) -> OpaqueToken? {
        guard text.utf8.count == 43, Base64URL.decode(text)?.count == size else { return nil }
        return OpaqueToken(text: text)
    }
}
