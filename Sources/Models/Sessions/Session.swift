// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A signed-in user on one device: begins with a sign-in, and every token of it carries its id (`sid`).
package struct Session: Hashable, Sendable {
    package let id: Identifier<Session>
    package let userID: Identifier<User>
    /// How the user signed in: the name of the provider, or `link`.
    package let method: String
    package let userAgent: String?
    /// The IP address from which it was last used.
    package let address: String?
    package let createdAt: Timestamp
    package let lastUsedAt: Timestamp
    /// However often its tokens are refreshed, it ends then.
    package let expiresAt: Timestamp

    package init(
        id: Identifier<Session>,
        userID: Identifier<User>,
        method: String,
        userAgent: String?,
        address: String?,
        createdAt: Timestamp,
        lastUsedAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.id = id
        self.userID = userID
        self.method = method
        self.userAgent = userAgent
        self.address = address
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
        self.expiresAt = expiresAt
    }
}
