// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A type that a column can be read as.
package protocol RowDecodable: Sendable {
    /// The value of `column`, as ``Row/decode(_:as:)`` gives it.
    static func decode(_ column: Int, of row: Row) throws(DatabaseError) -> Self
}

extension Optional: RowDecodable where Wrapped: RowDecodable {
    package static func decode(_ column: Int, of row: Row) throws(DatabaseError) -> Wrapped? {
        try row.isNull(column) ? nil : Wrapped.decode(column, of: row)
    }
}
