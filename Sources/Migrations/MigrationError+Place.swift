// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database

extension MigrationError {
    /// A statement of `section` failed.
    ///
    /// The place is written as compilers write it, `0007_add_widgets.sql:12:8: …`, so that editors find it.
    init(_ error: DatabaseError, in section: MigrationFile.Section, of fileName: String) {
        var text = fileName
        if let position = error.position {
            let (line, column) = section.place(ofCharacter: position)
            text += ":\(line):\(column)"
        }
        text += ": \(error.detail ?? error.description)"
        if let state = error.sqlState { text += " (SQLSTATE \(state))" }
        if !section.isTransactional {
            text += "\nIt runs outside a transaction, so part of it may remain; the next run begins it again."
        }
        self.init(.failed, text, cause: error)
    }

    /// Whether somebody else's lock was in the way.
    var isLockFailure: Bool {
        cause?.sqlState == .lockNotAvailable || cause?.code == .deadlock
    }
}

extension MigrationFile.Section {
    /// Line in the file and column in it, both from 1, of a place that PostgreSQL names by counting characters from 1.
    package func place(ofCharacter position: Int) -> (line: Int, column: Int) {
        let before = sql.unicodeScalars.prefix(max(0, position - 1))
        let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
        return (firstLine + lines.count - 1, (lines.last?.count ?? 0) + 1)
    }
}
