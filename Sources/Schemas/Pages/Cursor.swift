// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials

/// A place in a list: behind the row with this id, and in a search behind the term at which the row was found.
///
/// Opaque for callers.
package struct Cursor: Hashable, Sendable {
    /// The longest term, in bytes: 100 characters.
    private static let maximumTermLength = 400

    /// As ECMA 262 writes it, without a term: 128 bits in base64url, whose last character holds two of them.
    static let pattern = "^[A-Za-z0-9_-]{21}[AQgw]$"
    /// The same for one that may have a term.
    static let searchPattern = "^[A-Za-z0-9_-]{22,\((16 + maximumTermLength) * 4 / 3 + 1)}$"

    package let uuid: UUID
    /// Nil outside a search.
    package let term: String?

    /// Behind the row of this id.
    package init(after id: Identifier<some Any>, term: String? = nil) {
        self.init(after: id.uuid, term: term)
    }

    package init(after uuid: UUID, term: String? = nil) {
        self.uuid = uuid
        self.term = term
    }

    /// Reads the text form; nil for anything that ``text`` does not give.
    package init?(_ text: String) {
        guard let bytes = Base64URL.decode(text), (16...16 + Self.maximumTermLength).contains(bytes.count) else {
            return nil
        }
        self.uuid = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
        if bytes.count == 16 {
            self.term = nil
        } else {
            // No term holds a control character, and PostgreSQL takes no NUL in a text.
            guard
                !bytes.dropFirst(16).contains(where: { $0 < 0x20 }),
                let term = String(validating: bytes.dropFirst(16), as: UTF8.self)
            else { return nil }
            self.term = term
        }
    }

    /// What callers see and send back.
    package var text: String {
        Base64URL.encode(withUnsafeBytes(of: uuid.uuid) { Array($0) } + Array((term ?? "").utf8))
    }

    /// The id of the row as that of an `Entity`.
    package func id<Entity>(of _: Entity.Type = Entity.self) -> Identifier<Entity> {
        Identifier(uuid)
    }
}
