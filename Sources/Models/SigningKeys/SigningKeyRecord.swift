// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A signing key as it is stored: the private half encrypted.
package struct SigningKeyRecord: Hashable, Sendable {
    /// The `kid` of tokens signed with it (RFC 7638 thumbprint).
    package let kid: String
    /// The private key in PKCS #8, encrypted under a key derived from `POSTERN_SECRET`.
    package let wrappedPrivateKey: [UInt8]
    package let createdAt: Timestamp
    /// From this instant on it signs; before, it is only published.
    package let activatesAt: Timestamp
    /// Nil while it signs.
    ///
    /// From this instant on it only verifies.
    package let retiredAt: Timestamp?

    package init(
        kid: String,
        wrappedPrivateKey: [UInt8],
        createdAt: Timestamp,
        activatesAt: Timestamp,
        retiredAt: Timestamp?
    ) {
        self.kid = kid
        self.wrappedPrivateKey = wrappedPrivateKey
        self.createdAt = createdAt
        self.activatesAt = activatesAt
        self.retiredAt = retiredAt
    }
}
