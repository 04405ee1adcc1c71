// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database

/// Applies the migrations of a folder to a database, one process at a time.
///
/// The connection must be a session of its own: behind a pooler that gives each transaction another session, the lock
/// would guard nothing.
package struct Migrator {
    private let connection: BlockingConnection
    private let files: [MigrationFile]
    private let patience: MigratorPatience
    private let report: (MigrationEvent) -> Void

    /// - Parameters:
    ///   - connection: A direct connection of a role that owns the schema.
    ///   - files: The migrations of the folder.
    ///   - patience: How long to wait for others.
    ///   - report: Hears what happens while it happens.
    package init(
        connection: BlockingConnection,
        files: [MigrationFile],
        patience: MigratorPatience = MigratorPatience(),
        report: @escaping (MigrationEvent) -> Void = { _ in }
    ) {
        self.connection = connection
        self.files = files
        self.patience = patience
        self.report = report
    }

    /// Compares folder and database, and changes nothing.
    ///
    /// - Throws: ``DatabaseError`` when the database cannot be asked.
    package func status() throws(DatabaseError) -> MigrationPlan {
        MigrationPlan(files: files, checksums: try checksums(), applied: try MigrationRecords.read(connection))
    }

    /// Applies what is pending, oldest first.
    ///
    /// A file that fails leaves nothing behind, unless it says `transaction:false`; the files before it stay applied.
    ///
    /// - Returns: the files that were applied, none when the schema was current.
    /// - Throws: ``MigrationError``; with code ``MigrationError/Code/inconsistent`` nothing was changed.
    ///   ``DatabaseError`` when the database cannot be asked.
    package func up() throws -> [MigrationFile] {
        try connection.execute(script: "set statement_timeout = 0; set client_min_messages = warning")
        try lock()
        // The lock belongs to the session: it goes with it even when this fails.
        defer { _ = try? connection.execute(Self.unlock, [.integer(Self.lockKey)]) }

        let plan = try status()
        guard plan.problems.isEmpty else {
            throw MigrationError(.inconsistent, plan.problems.map(\.description).joined(separator: "\n"))
        }
        guard !plan.pending.isEmpty else { return [] }
        try MigrationRecords.createTables(connection)
        for file in plan.pending { try apply(file) }
        return plan.pending
    }

    private func apply(_ file: MigrationFile) throws {
        report(.applying(file))
        let start = MonotonicTime.now()
        let run = MigrationRun(file: file, connection: connection, tableLockTimeout: patience.forTableLock)
        var attempt = 1
        while true {
            do {
                try run.perform()
                report(.applied(file, took: MonotonicTime.now() - start))
                return
            } catch let error as MigrationError
                // Nothing of the file is left, so it can be tried again; outside a transaction something may be.
                where error.isLockFailure && file.up.isTransactional && attempt < patience.attempts
            {
                attempt += 1
                report(.retrying(file))
                Pause.wait(patience.betweenAttempts)
            }
        }
    }

    /// "postern" in ASCII.
    ///
    /// Advisory locks are per database, so the key only has to differ from other programs' there.
    private static let lockKey: Int64 = 0x70_6F73_7465_726E
    private static let tryLock = Statement.write("select pg_try_advisory_lock($1)")
    private static let unlock = Statement.write("select pg_advisory_unlock($1)")

    /// Takes the migrators' lock by asking again and again.
    ///
    /// A migrator that waited *inside* `pg_advisory_lock` would hold a transaction, and `create index concurrently` of
    /// the one that works would wait for that transaction: both for ever.
    private func lock() throws {
        let start = MonotonicTime.now()
        var nextReport = start
        while try connection.execute(Self.tryLock, [.integer(Self.lockKey)]).first?.decode(0) != true {
            let now = MonotonicTime.now()
            guard now < start + patience.forMigrator else {
                throw MigrationError(
                    .lockTimeout,
                    "another process has been migrating this database for \(patience.forMigrator.milliseconds / 1000) s"
                )
            }
            if now >= nextReport {
                report(.waitingForLock)
                nextReport = now + .seconds(5)
            }
            Pause.wait(.milliseconds(200))
        }
    }

    private static let checksum = Statement.read("select encode(sha256($1), 'hex')")

    /// PostgreSQL computes them: it is at hand, and this target links no cryptographic library.
    private func checksums() throws(DatabaseError) -> [String: String] {
        var checksums: [String: String] = [:]
        for file in files {
            let row = try connection.execute(Self.checksum, [.bytes(Array(file.content.utf8))]).first
            checksums[file.version] = try row?.decode(0)
        }
        return checksums
    }
}
