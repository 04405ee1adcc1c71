// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The answer to one statement, in memory of its own: nothing of libpq is left in it.
package struct ResultSet: Sendable {
    /// The rows' values one behind the other, as PostgreSQL's text.
    struct Columns: Sendable {
        /// Columns a row has.
        let count: Int
        /// One a value, row by row: where it starts in `bytes`, and its length, or -1 for NULL.
        let cells: [(start: Int, length: Int)]
        let bytes: [UInt8]

        /// Where the text is in `bytes`; nil for NULL.
        func place(row: Int, column: Int) -> Range<Int>? {
            let cell = cells[row * count + column]
            return cell.length < 0 ? nil : cell.start..<cell.start + cell.length
        }
    }

    /// Rows that an `insert`, `update` or `delete` changed, or that a `select` gave.
    package let affectedRows: Int
    /// Rows of the answer.
    package let count: Int
    private let columns: Columns

    init(affectedRows: Int, count: Int, columns: Columns) {
        self.affectedRows = affectedRows
        self.count = count
        self.columns = columns
    }

    /// The rows in the server's order.
    package var rows: some RandomAccessCollection<Row> {
        (0..<count).lazy.map { self[$0] }
    }

    /// The first row; nil when there is none.
    package var first: Row? {
        count > 0 ? self[0] : nil
    }

    /// The row at `index`, from 0, in the server's order.
    package subscript(index: Int) -> Row {
        Row(columns: columns, index: index)
    }
}
