// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The answer to a request that may be sent again.
package struct StoredReply: Hashable, Sendable {
    /// SHA-256 of what was asked.
    package let fingerprint: [UInt8]
    /// The answer, encrypted: it may hold a secret that is kept nowhere else.
    package let sealedReply: String

    package init(fingerprint: [UInt8], sealedReply: String) {
        self.fingerprint = fingerprint
        self.sealedReply = sealedReply
    }
}
