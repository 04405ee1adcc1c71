// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Takes a migration file apart, line by line.
///
/// Stricter than dbmate: a marker that dbmate would pass over as a comment, such as `-- migrate: up`, is an error here.
struct MigrationSectionReader {
    private struct Marker {
        let direction: MigrationDirection
        let isTransactional: Bool
        let line: Int
    }

    private let fileName: String
    private var lineNumber = 0
    private var marker: Marker?
    private var lines: [Substring] = []
    private var up: MigrationFile.Section?

    init(fileName: String) {
        self.fileName = fileName
    }

    /// Takes the next line of the file.
    mutating func read(_ line: Substring) throws(MigrationError) {
        lineNumber += 1
        if let next = try parse(marker: line) {
            switch (marker?.direction, next.direction) {
            case (nil, .up): break
            case (.up, .down): up = section()
            case (nil, .down): throw error("-- migrate:down stands before -- migrate:up")
            case (_, let direction): throw error("-- migrate:\(direction.rawValue) stands here a second time")
            }
            marker = next
            lines = []
        } else if marker != nil {
            lines.append(line)
        } else if !isBlankOrComment(line) {
            throw error("only comments may stand before -- migrate:up")
        }
    }

    /// The sections, once every line was read.
    mutating func finish() throws(MigrationError) -> (up: MigrationFile.Section, down: MigrationFile.Section) {
        guard marker != nil else { throw error("there is no -- migrate:up") }
        guard let up, let down = section() else { throw error("there is no -- migrate:down") }
        guard !up.isEmpty else { throw error("there is no statement after -- migrate:up") }
        for section in [up, down] {
            // Found when it runs, its first half would be there already.
            guard let command = SQLTokens(section.sql).transactionCommand else { continue }
            throw error("there is a statement \(command), and Postern begins and ends the transaction")
        }
        return (up, down)
    }

    private func section() -> MigrationFile.Section? {
        marker.map { marker in
            MigrationFile.Section(
                sql: lines.joined(separator: "\n"),
                isTransactional: marker.isTransactional,
                firstLine: marker.line + 1
            )
        }
    }

    /// Reads `-- migrate:up` and `-- migrate:down` with their options; nil for every other line.
    private func parse(marker line: Substring) throws(MigrationError) -> Marker? {
        guard line.hasPrefix("--") else { return nil }
        let words = line.dropFirst(2).split(whereSeparator: \.isWhitespace)
        guard let first = words.first, first.hasPrefix("migrate:") else { return nil }
        guard let direction = MigrationDirection(rawValue: String(first.dropFirst("migrate:".count))) else {
            throw error("a marker is -- migrate:up or -- migrate:down")
        }
        var isTransactional = true
        for option in words.dropFirst() {
            switch option {
            case "transaction:false": isTransactional = false
            case "transaction:true": isTransactional = true
            default: throw error("the only option of a marker is transaction:false")
            }
        }
        return Marker(direction: direction, isTransactional: isTransactional, line: lineNumber)
    }

    private func isBlankOrComment(_ line: Substring) -> Bool {
        let text = line.drop(while: \.isWhitespace)
        return text.isEmpty || text.hasPrefix("--")
    }

    private func error(_ reason: String) -> MigrationError {
        MigrationError(.malformedFile, "\(fileName):\(lineNumber): \(reason)")
    }
}
