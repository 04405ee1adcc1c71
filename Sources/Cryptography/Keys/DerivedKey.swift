// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A 32-byte key for one purpose, derived from the ``MasterSecret``.
///
/// It cannot be printed.
package struct DerivedKey: Sendable {
    /// What a key is for.
    ///
    /// A key of one purpose is of no use for another, and tells nothing about it.
    package enum Purpose: String, CaseIterable, Sendable {
        /// Encrypts the private signing keys in the database.
        case signingKeyWrapping = "signing-key-wrapping"
        case apiKeyHashing = "api-key-hashing"
        case refreshTokenHashing = "refresh-token-hashing"
        /// Encrypts the cookie that binds a sign-in to a browser.
        case loginState = "login-state"
        case authorizationCodeHashing = "authorization-code-hashing"
        case signInLinkHashing = "sign-in-link-hashing"
        case idempotencyKeyHashing = "idempotency-key-hashing"
        case idempotentReplies = "idempotent-replies"
    }

    package let purpose: Purpose
    package let bytes: Redacted<[UInt8]>

    init(purpose: Purpose, bytes: [UInt8]) {
        self.purpose = purpose
        self.bytes = Redacted(bytes)
    }
}
