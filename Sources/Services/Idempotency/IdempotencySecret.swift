// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography

/// What one secret of the installation makes of a request that may be sent again.
package struct IdempotencySecret: Sendable {
    let hasher: HMACSHA256
    let encryption: AuthenticatedEncryption

    /// - Parameters:
    ///   - hasher: Hashes keys, with ``DerivedKey/Purpose/idempotencyKeyHashing``.
    ///   - encryption: Seals answers, with ``DerivedKey/Purpose/idempotentReplies``: the answer that shows a new API key
    ///     is the only place where its secret stands.
    package init(hasher: HMACSHA256, encryption: AuthenticatedEncryption) {
        self.hasher = hasher
        self.encryption = encryption
    }

    /// With the keys of `secret`.
    package init(_ secret: MasterSecret) throws(CryptoError) {
        self.init(
            hasher: try HMACSHA256(key: secret.key(for: .idempotencyKeyHashing).bytes.exposed),
            encryption: AuthenticatedEncryption(key: try secret.key(for: .idempotentReplies))
        )
    }
}
