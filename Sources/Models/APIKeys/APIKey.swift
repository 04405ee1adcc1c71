// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A key with which a program calls on behalf of its owner.
///
/// The secret itself is never kept: only its HMAC is stored.
package struct APIKey: Hashable, Sendable {
    /// The longest time for which a replaced key goes on working.
    package static let maximumOverlap = Duration.seconds(30 * 86_400)

    package let id: Identifier<APIKey>
    package let ownerID: Identifier<User>
    package let name: String
    /// The first part of the key's text, for telling keys of several installations apart.
    package let prefix: String
    /// The last four characters of the key's text: enough to recognise it, too little to use it.
    package let lastFour: String
    /// What was given to the key itself.
    ///
    /// What it may do is this, limited to what its owner holds at that moment.
    package let grants: Grants
    package let createdAt: Timestamp
    /// Nil when the key does not expire.
    package let expiresAt: Timestamp?
    /// Written in batches, so it lags by some seconds; nil when the key was never used.
    package let lastUsedAt: Timestamp?
    /// Uses so far; written together with ``lastUsedAt``.
    package let useCount: Int64

    package init(
        id: Identifier<APIKey>,
        ownerID: Identifier<User>,
        name: String,
        prefix: String,
        lastFour: String,
        grants: Grants,
        createdAt: Timestamp,
        expiresAt: Timestamp?,
        lastUsedAt: Timestamp?,
        useCount: Int64
    ) {
        self.id = id
        self.ownerID = ownerID
        self.name = name
        self.prefix = prefix
        self.lastFour = lastFour
        self.grants = grants
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.useCount = useCount
    }

    /// Whether it has ended by itself at `instant`.
    package func isExpired(at instant: Timestamp) -> Bool {
        expiresAt.map { $0 <= instant } ?? false
    }
}
