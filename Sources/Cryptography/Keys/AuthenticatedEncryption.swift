// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Text that a browser may hold and neither read nor change: AES-256-GCM in base64url.
package struct AuthenticatedEncryption: Sendable {
    private let key: DerivedKey
    private let previous: DerivedKey?

    /// Seals with the key of one purpose, such as ``DerivedKey/Purpose/loginState``, and opens what that of the previous
    /// secret sealed while it counts.
    package init(key: DerivedKey, previous: DerivedKey? = nil) {
        self.key = key
        self.previous = previous
    }

    /// The sealed form of `plaintext`, which opens only with the same `associatedData`: the name of the cookie, or
    /// whatever else must not be exchanged.
    package func seal(_ plaintext: [UInt8], associatedData: String) throws(CryptoError) -> String {
        Base64URL.encode(
            try AESGCM.seal(plaintext, key: key.bytes.exposed, associatedData: Array(associatedData.utf8))
        )
    }

    /// What was sealed.
    ///
    /// - Throws: ``CryptoError`` with ``CryptoError/Code/authenticationFailed`` when `text` is anything else than what
    ///   ``seal(_:associatedData:)`` returned for one of the keys and `associatedData`.
    package func open(_ text: String, associatedData: String) throws(CryptoError) -> [UInt8] {
        guard let sealed = Base64URL.decode(text) else { throw CryptoError(.authenticationFailed, "base64url") }
        let associatedData = Array(associatedData.utf8)
        do throws(CryptoError) {
            return try AESGCM.open(sealed, key: key.bytes.exposed, associatedData: associatedData)
        } catch {
            guard let previous, error.code == .authenticationFailed else { throw error }
            return try AESGCM.open(sealed, key: previous.bytes.exposed, associatedData: associatedData)
        }
    }
}
