// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What is said of an API key that shall be made.
package struct NewAPIKey: Hashable, Sendable {
    /// Nil for the initiator.
    package let owner: Identifier<User>?
    package let name: String
    package let grants: Grants
    /// Nil when it shall not expire.
    package let expiresAt: Timestamp?

    package init(owner: Identifier<User>? = nil, name: String, grants: Grants = Grants(), expiresAt: Timestamp? = nil) {
        self.owner = owner
        self.name = name
        self.grants = grants
        self.expiresAt = expiresAt
    }
}
