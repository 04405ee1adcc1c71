// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database

/// Why migrations were not applied.
///
/// The description is for the operator at the terminal: it names file, line and column and says what PostgreSQL said;
/// it never holds the connection string.
package struct MigrationError: Error, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// No folder with migrations, or one that cannot be read or written.
        case noDirectory
        /// A name or content that is not in the format.
        case malformedFile
        /// Folder and database contradict each other; nothing was changed.
        case inconsistent
        /// No migration has the version that was named.
        case unknownVersion
        /// The file has no way back.
        case irreversible
        /// Another migrator held the lock for too long.
        case lockTimeout
        /// A statement of a file failed.
        case failed
    }

    package let code: Code
    package let description: String
    /// What the database said, when it was the database.
    package let cause: DatabaseError?

    package init(_ code: Code, _ description: String, cause: DatabaseError? = nil) {
        self.code = code
        self.description = description
        self.cause = cause
    }
}
