// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

import struct FoundationEssentials.UUID

/// Which audit events are wanted.
package struct AuditFilter: Hashable, Sendable {
    /// What has an index of its own: one of them at a time.
    package enum Key: Hashable, Sendable {
        /// Those of a user, with whatever credential.
        case actor(Identifier<User>)
        /// Those of an API key.
        case apiKey(Identifier<APIKey>)
        /// Those about something.
        case subject(UUID)
        /// Those of a kind.
        case action(String)
    }

    /// Nil for all.
    package let key: Key?
    /// Not before this, to the millisecond.
    package let since: Timestamp?
    /// Before this, to the millisecond.
    package let until: Timestamp?

    package init(_ key: Key? = nil, since: Timestamp? = nil, until: Timestamp? = nil) {
        self.key = key
        self.since = since
        self.until = until
    }
}
