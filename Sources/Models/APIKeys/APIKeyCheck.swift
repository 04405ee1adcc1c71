// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What the database knows of a key that somebody shows: all that is needed to decide, from one statement.
package struct APIKeyCheck: Hashable, Sendable {
    package let id: Identifier<APIKey>
    package let ownerID: Identifier<User>
    package let isOwnerActive: Bool
    package let expiresAt: Timestamp?
    /// What was given to the key.
    package let keyGrants: Grants
    /// What the owner holds now.
    package let ownerGrants: Grants

    package init(
        id: Identifier<APIKey>,
        ownerID: Identifier<User>,
        isOwnerActive: Bool,
        expiresAt: Timestamp?,
        keyGrants: Grants,
        ownerGrants: Grants
    ) {
        self.id = id
        self.ownerID = ownerID
        self.isOwnerActive = isOwnerActive
        self.expiresAt = expiresAt
        self.keyGrants = keyGrants
        self.ownerGrants = ownerGrants
    }

    /// Whether the key may be used at `instant`: not expired, owner active.
    package func isUsable(at instant: Timestamp) -> Bool {
        isOwnerActive && expiresAt.map { instant < $0 } ?? true
    }

    /// What the key may do: its own grants, never beyond its owner's.
    package var effectiveGrants: Grants {
        keyGrants.limited(to: ownerGrants)
    }
}
