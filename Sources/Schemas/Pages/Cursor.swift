// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials

/// A place in a list that is sorted by id: behind the row with this id.
///
/// Opaque for callers.
package struct Cursor: Hashable, Sendable {
    /// As ECMA 262 writes it: 128 bits in base64url, whose last character holds two of them.
    static let pattern = "^[A-Za-z0-9_-]{21}[AQgw]$"

    package let uuid: UUID

    package init(after uuid: UUID) {
        self.uuid = uuid
    }

    /// Reads the text form; nil for anything that ``text`` does not give.
    package init?(_ text: String) {
        guard let bytes = Base64URL.decode(text), bytes.count == 16 else { return nil }
        self.uuid = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    /// What callers see and send back.
    package var text: String {
        withUnsafeBytes(of: uuid.uuid) { Base64URL.encode($0) }
    }
}
