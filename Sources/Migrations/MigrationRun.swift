// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database

/// One file on its way into the database, or out of it.
struct MigrationRun {
    let file: MigrationFile
    let direction: MigrationDirection
    let connection: BlockingConnection
    /// See ``MigratorPatience/forTableLock``.
    let tableLockTimeout: Duration
    let report: (MigrationEvent) -> Void

    private var section: MigrationFile.Section { file.section(direction) }

    /// Runs the file's section and notes that it did.
    func perform() throws {
        if section.isTransactional { try performInTransaction() } else { try performAlone() }
    }

    private func performInTransaction() throws {
        try connection.inTransaction {
            try connection.execute(script: "set local lock_timeout = '\(tableLockTimeout.milliseconds)ms'")
            let transaction = try currentTransaction()
            let start = MonotonicTime.now()
            try runSection()
            // A file that says "commit" would leave its second half outside any transaction.
            guard try currentTransaction() == transaction else {
                throw MigrationError(.failed, "\(file.fileName) ends the transaction that it runs in")
            }
            try note(took: MonotonicTime.now() - start)
        }
    }

    /// For what PostgreSQL refuses in a transaction.
    ///
    /// The section is noted first, so that the next run knows it when this one is cut off.
    ///
    /// `create index concurrently` and its kin have no lock timeout: they wait for every running transaction, and block
    /// nobody while they do. Behind any other statement everybody queues.
    private func performAlone() throws {
        let hasBegunBefore = try MigrationRecords.begin(file, direction, connection)
        let start = MonotonicTime.now()
        if try !isBuilt(hasBegunBefore) {
            let isConcurrent = SQLTokens(section.sql).contains("concurrently")
            try setLockTimeout(isConcurrent ? .zero : tableLockTimeout)
            defer { try? setLockTimeout(.zero) }
            try runSection()
        }
        try connection.inTransaction {
            try note(took: MonotonicTime.now() - start)
            try MigrationRecords.end(file, connection)
        }
    }

    /// Whether a run that was cut off has built the section's index to its end; what it left half built is removed.
    private func isBuilt(_ hasBegunBefore: Bool) throws -> Bool {
        guard direction == .up, let index = ConcurrentIndex(createdBy: section.sql) else { return false }
        switch try index.state(connection) {
        case .absent:
            return false
        case .invalid:
            report(.rebuilding(index: index.name))
            try index.drop(connection)
            return false
        case .valid:
            // Of an index that was there before this file nobody knows what it is; building it fails and says so.
            return hasBegunBefore
        }
    }

    private func setLockTimeout(_ timeout: Duration) throws(DatabaseError) {
        try connection.execute(script: "set lock_timeout = '\(timeout.milliseconds)ms'")
    }

    private func note(took duration: Duration) throws(DatabaseError) {
        switch direction {
        case .up: try MigrationRecords.insert(file, took: duration, connection)
        case .down: try MigrationRecords.delete(file, connection)
        }
    }

    private func runSection() throws(MigrationError) {
        do {
            try connection.execute(script: section.sql)
        } catch {
            throw MigrationError(error, in: section, of: file.fileName)
        }
    }

    private static let currentTransaction = Statement.write("select pg_current_xact_id()::text")

    private func currentTransaction() throws(DatabaseError) -> String? {
        try connection.execute(Self.currentTransaction).first?.decode(0)
    }
}
