// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import struct FoundationEssentials.UUID

/// The id of an `Entity`: a UUID that cannot be mistaken for the id of something else.
package struct Identifier<Entity>: Hashable, Sendable, CustomStringConvertible {
    package let uuid: UUID

    package init(_ uuid: UUID) {
        self.uuid = uuid
    }

    /// Reads the text form of RFC 9562 section 4; nil for anything else.
    package init?(_ text: String) {
        guard let uuid = UUID(text: text.utf8.span) else { return nil }
        self.uuid = uuid
    }

    /// A new identifier, made at `instant` (UUID version 7).
    package static func make(at instant: Timestamp) -> Identifier {
        Identifier(.v7(at: instant))
    }

    package var description: String {
        uuid.lowercased
    }
}
