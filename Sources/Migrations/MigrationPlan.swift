// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What is applied, what is pending and what contradicts itself: a folder compared with a database.
package struct MigrationPlan: Hashable, Sendable {
    /// A contradiction.
    ///
    /// While there is one, nothing is applied.
    package enum Problem: Hashable, Sendable {
        /// The file was edited after it was applied.
        case changed(fileName: String)
        /// Applied, and the folder does not have it, although it has newer ones.
        case missing(version: String)
        /// Applied, and newer than everything in the folder: the database belongs to a later release.
        case newerThanFolder(version: String)
        /// Pending, although `after` was applied already.
        case outOfOrder(fileName: String, after: String)
        /// Two files have the same version.
        case duplicate(version: String)
    }

    /// One migration, known from the folder, the database or both.
    package struct Entry: Hashable, Sendable {
        package let version: String
        package let file: MigrationFile?
        package let applied: AppliedMigration?

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
    ///   - files: The folder's migrations in any order.
    ///   - checksums: SHA-256 of each file's content in hexadecimal, by version.
    ///   - applied: The database's migrations in any order.
    package init(files: [MigrationFile], checksums: [String: String], applied: [AppliedMigration]) {
        let filesByVersion = Dictionary(files.map { ($0.version, $0) }) { first, _ in first }
        let appliedByVersion = Dictionary(applied.map { ($0.version, $0) }) { first, _ in first }
        let newestFile = filesByVersion.keys.max() ?? ""
        let newestApplied = appliedByVersion.keys.max() ?? ""

        let versions = Set(filesByVersion.keys).union(appliedByVersion.keys).sorted()
        entries = versions.map { version in
            Entry(version: version, file: filesByVersion[version], applied: appliedByVersion[version])
        }

        let duplicates = Dictionary(grouping: files, by: \.version).filter { $0.value.count > 1 }.keys.sorted()
        problems =
            duplicates.map { .duplicate(version: $0) }
            + entries.compactMap { entry in
                switch (entry.file, entry.applied) {
                case (let file?, let applied?):
                    let isChanged = applied.record.map { $0.checksum != checksums[file.version] } ?? false
                    return isChanged ? .changed(fileName: file.fileName) : nil
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

extension MigrationPlan.Problem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .changed(let fileName):
            "\(fileName) was changed after it was applied; restore it, and put the change into a new migration"
        case .missing(let version):
            "migration \(version) was applied to this database, but its file is missing"
        case .newerThanFolder(let version):
            "migration \(version) was applied by a newer release than this one"
        case .outOfOrder(let fileName, let after):
            "\(fileName) is pending, but \(after) was applied already; give it a higher number"
        case .duplicate(let version):
            "two files have the version \(version)"
        }
    }
}
