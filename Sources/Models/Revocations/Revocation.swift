// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import struct FoundationEssentials.UUID

/// A change after which tokens that are out, or what was looked up of an API key, are not true any more.
package struct Revocation: Hashable, Sendable {
    /// What changed.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A session ended, and all its tokens with it.
        case session
        /// A user holds something else, or is not active or not there any more.
        case user
        /// Roles give something else, to whoever holds them.
        case roles
        /// An API key is over, or was given something else.
        case apiKey = "api_key"
    }

    /// The transaction that made the change.
    package let transaction: Int64
    /// The name of a ``Kind``, or of one that only a later release knows.
    package let kind: String
    /// The id of what changed.
    package let subject: UUID

    package init(transaction: Int64, kind: String, subject: UUID) {
        self.transaction = transaction
        self.kind = kind
        self.subject = subject
    }
}
