// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// One SQL statement with places (`$1`…) for its parameters.
///
/// Each connection prepares it once and finds it again by its text, so keep statements in `static let`s: the text is hashed when the value is made, not for every query.
package struct Statement: Hashable, Sendable {
    /// What the statement does to the database.
    package enum Effect: Hashable, Sendable {
        /// Changes nothing. It may travel in one Sync group with other reads, and is run again when a neighbour of the
        /// group fails; a `select` of a function that writes is therefore a ``write``.
        case read
        /// Changes rows or takes locks. It travels alone, and is never run twice.
        case write
    }

    package let sql: String
    package let effect: Effect
    private let textHash: Int

    package init(_ sql: String, effect: Effect) {
        self.sql = sql
        self.effect = effect
        self.textHash = sql.hashValue
    }

    /// A statement that changes nothing.
    package static func read(_ sql: String) -> Statement {
        Statement(sql, effect: .read)
    }

    /// A statement that changes rows or takes locks.
    package static func write(_ sql: String) -> Statement {
        Statement(sql, effect: .write)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(textHash)
    }
}
