// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database

/// One file on its way into the database.
struct MigrationRun {
    let file: MigrationFile
    let connection: BlockingConnection
    /// See ``Migrator/Patience/forTableLock``.
    let tableLockTimeout: Duration

    /// Runs the file's up section and notes that it was applied.
    func perform() throws {
        if file.up.isTransactional { try performInTransaction() } else { try performAlone() }
    }

    private func performInTransaction() throws {
        try inTransaction {
            try connection.execute(script: "set local lock_timeout = '\(tableLockTimeout.milliseconds)ms'")
            let transaction = try currentTransaction()
            let start = MonotonicTime.now()
            try runSection()
            // A file that says "commit" would leave its second half outside any transaction.
            guard try currentTransaction() == transaction else {
                throw MigrationError(.failed, "\(file.fileName) ends the transaction that it runs in")
            }
            try MigrationRecords.insert(file, took: MonotonicTime.now() - start, connection)
        }
    }

    /// For what PostgreSQL refuses in a transaction.
    ///
    /// There is no lock timeout: `create index concurrently` waits for every running transaction, and blocks nobody
    /// while it does.
    private func performAlone() throws {
        let start = MonotonicTime.now()
        try runSection()
        try inTransaction {
            try MigrationRecords.insert(file, took: MonotonicTime.now() - start, connection)
        }
    }

    private func inTransaction(_ body: () throws -> Void) throws {
        try connection.execute(script: "begin")
        do {
            try body()
            try connection.execute(script: "commit")
        } catch {
            _ = try? connection.execute(script: "rollback")
            throw error
        }
    }

    private func runSection() throws(MigrationError) {
        do {
            try connection.execute(script: file.up.sql)
        } catch {
            throw MigrationError(error, in: file.up, of: file.fileName)
        }
    }

    private static let currentTransaction = Statement.write("select pg_current_xact_id()::text")

    private func currentTransaction() throws(DatabaseError) -> String? {
        try connection.execute(Self.currentTransaction).first?.decode(0)
    }
}
