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
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    package init(
        id: Identifier<Session>,
        userID: Identifier<User>,
        method: String,
        userAgent: String?,
        createdAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.id = id
        self.userID = userID
        self.method = method
        self.userAgent = userAgent
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}
