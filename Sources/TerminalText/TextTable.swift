// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Rows of cells in aligned columns, for people.
///
/// Nothing in a cell reaches the terminal as a command, nor ends a row.
package struct TextTable: CustomStringConvertible {
    private static let gap = 2

    private let rows: [[String]]

    package init(rows: [[String]]) {
        self.rows = rows.map { row in row.map { $0.escapedForTerminal() } }
    }

    /// A row for each of `items`, below a header.
    package init<Item>(_ items: [Item], _ columns: [Column<Item>]) {
        self.init(
            rows: [columns.map { $0.title.uppercased() }] + items.map { item in columns.map { $0.cell(item) } }
        )
    }

    /// A row for each property of one `item`.
    package init<Item>(_ item: Item, _ columns: [Column<Item>]) {
        self.init(rows: columns.map { [$0.title, $0.cell(item)] })
    }

    package var description: String {
        var widths: [Int] = []
        for row in rows {
            for (index, cell) in row.enumerated() {
                if index == widths.count { widths.append(0) }
                widths[index] = max(widths[index], cell.terminalWidth)
            }
        }
        return rows.map { Self.line($0, widths) }.joined(separator: "\n")
    }

    /// The cells of a row, each filled up to its column's width; nothing follows the last text of a line.
    private static func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        var missing = 0
        for (cell, width) in zip(cells, widths) {
            if !cell.isEmpty {
                line += String(repeating: " ", count: missing) + cell
                missing = 0
            }
            missing += width - cell.terminalWidth + gap
        }
        return line
    }
}
