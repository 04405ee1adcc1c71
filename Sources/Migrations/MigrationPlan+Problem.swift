// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

extension MigrationPlan {
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
        /// Applied, but a rollback outside a transaction was cut off, so part of it may be gone.
        case halfRolledBack(fileName: String)
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
        case .halfRolledBack(let fileName):
            "rolling back \(fileName) was cut off; finish it with postern migrate down"
        }
    }
}
