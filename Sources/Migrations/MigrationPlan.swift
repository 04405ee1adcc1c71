// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What is applied, what is pending and what contradicts itself: a folder compared with a database.
package struct MigrationPlan: Hashable, Sendable {
    /// One migration, known from the folder, the database or both.
    package struct Entry: Hashable, Sendable {
        package let version: String
        package let file: MigrationFile?
        package let applied: AppliedMigration?
        /// The way in which a run began outside a transaction and did not end.
        package let unfinished: MigrationDirection?

        /// The words behind the version; nil when only dbmate's row is left of it.
        package var name: String? {
            file?.name ?? applied?.record?.name
        }
    }

    /// Every migration, oldest first.
    package let entries: [Entry]
    package let problems: [Problem]

    /// What is still to be applied, in this order.
    package var pending: [MigrationFile] {
        entries.compactMap { $0.applied == nil ? $0.file : nil }
    }

    /// Compares `files` with what is applied.
    ///
    /// - Parameters:
    ///   - files: The folder's migrations in any order, each version once.
    ///   - checksums: SHA-256 of each file's content in hexadecimal, by version.
    ///   - applied: The database's migrations in any order.
    ///   - unfinished: What began outside a transaction and did not end, by version.
    package init(
        files: [MigrationFile],
        checksums: [String: String],
        applied: [AppliedMigration],
        unfinished: [String: MigrationDirection] = [:]
    ) {
        let filesByVersion = Dictionary(files.map { ($0.version, $0) }) { first, _ in first }
        let appliedByVersion = Dictionary(applied.map { ($0.version, $0) }) { first, _ in first }
        let newestFile = filesByVersion.keys.max() ?? ""
        let newestApplied = appliedByVersion.keys.max() ?? ""

        let versions = Set(filesByVersion.keys).union(appliedByVersion.keys).sorted()
        entries = versions.map { version in
            Entry(
                version: version,
                file: filesByVersion[version],
                applied: appliedByVersion[version],
                unfinished: unfinished[version]
            )
        }

        problems = entries.compactMap { entry in
            switch (entry.file, entry.applied) {
            case (let file?, let applied?):
                if let record = applied.record, record.checksum != checksums[file.version] {
                    return .changed(fileName: file.fileName)
                }
                return entry.unfinished == .down ? .halfRolledBack(fileName: file.fileName) : nil
            case (let file?, nil):
                return file.version < newestApplied
                    ? .outOfOrder(fileName: file.fileName, after: newestApplied) : nil
            case (nil, _):
                return entry.version > newestFile
                    ? .newerThanFolder(version: entry.version) : .missing(version: entry.version)
            }
        }
    }
}
