// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A migration as the database remembers it.
package struct AppliedMigration: Hashable, Sendable {
    package let version: String
    /// What Postern noted beside dbmate's own row; nil when dbmate applied the migration.
    package let record: Record?

    /// The row of `postern_migrations`.
    package struct Record: Hashable, Sendable {
        package let name: String
        /// SHA-256 of the file when it was applied, in hexadecimal.
        package let checksum: String
        package let appliedAt: Timestamp

        package init(name: String, checksum: String, appliedAt: Timestamp) {
            self.name = name
            self.checksum = checksum
            self.appliedAt = appliedAt
        }
    }

    package init(version: String, record: Record?) {
        self.version = version
        self.record = record
    }
}
