// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// One row of an answer.
///
/// Columns go by position, from 0, in the order of the statement's select list.
package struct Row: Sendable {
    let columns: ResultSet.Columns
    let index: Int

    /// The value of `column`.
    ///
    /// `Optional` types take NULL, others refuse it.
    ///
    /// - Throws: ``DatabaseError`` with code ``DatabaseError/Code/decoding`` when there is no such column, when it is
    ///   NULL, or when its text is none of a `Value`.
    package func decode<Value: RowDecodable>(
        _ column: Int,
        as type: Value.Type = Value.self
    ) throws(DatabaseError) -> Value {
        try Value.decode(column, of: self)
    }

    /// The texts in `column`.
    ///
    /// What the one for any type gives, too, but without looking up the type for each row.
    package func decode(_ column: Int, as type: [String].Type = [String].self) throws(DatabaseError) -> [String] {
        try [String].decode(column, of: self)
    }

    /// Whether `column` is NULL.
    package func isNull(_ column: Int) throws(DatabaseError) -> Bool {
        try place(of: column) == nil
    }

    /// Where PostgreSQL's text of `column` is; nil for NULL.
    func place(of column: Int) throws(DatabaseError) -> Range<Int>? {
        guard column >= 0, column < columns.count else {
            throw DatabaseError(.decoding, detail: "no column \(column) in a row of \(columns.count)")
        }
        return columns.place(row: index, column: column)
    }
}
