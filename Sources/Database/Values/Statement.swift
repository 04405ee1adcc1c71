// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// One SQL statement with places (`$1`…) for its parameters.
///
/// Each connection prepares it once and finds it again by its text, so keep statements in `static let`s: the text is hashed when the value is made, not for every query.
package struct Statement: Hashable, Sendable {
    /// What the statement does to the database.
    package enum Effect: Hashable, Sendable {
        /// Changes nothing, and may therefore run twice; a `select` of a function that writes is a ``write``.
        case read
        /// Changes rows or takes locks. It is run again only when it is known to have been undone.
        case write
    }

    package let sql: String
    package let effect: Effect
    /// With what it may be sent in one group.
    package let sharing: Sharing
    private let textHash: Int

    package init(_ sql: String, effect: Effect, sharing: Sharing) {
        self.sql = sql
        self.effect = effect
        self.sharing = sharing
        self.textHash = sql.hashValue
    }

    /// A statement that changes nothing, and finds few rows by an index.
    package static func read(_ sql: String) -> Statement {
        Statement(sql, effect: .read, sharing: .reads)
    }

    /// A statement that changes nothing, and reads a page of a list or more.
    ///
    /// It shares no group: what is quick would wait for it, and others like it run at the same time on other connections.
    package static func list(_ sql: String) -> Statement {
        Statement(sql, effect: .read, sharing: .none)
    }

    /// A statement that changes rows or takes locks.
    package static func write(_ sql: String) -> Statement {
        Statement(sql, effect: .write, sharing: .none)
    }

    /// A statement that changes few rows, and may be committed together with others of its kind.
    ///
    /// For what many clients do at once: the server then commits once for several of them. Until that commit each holds
    /// its locks, so it must be short, and must not wait for anything but a row that it changes itself.
    package static func groupedWrite(_ sql: String) -> Statement {
        Statement(sql, effect: .write, sharing: .writes)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(textHash)
    }
}
