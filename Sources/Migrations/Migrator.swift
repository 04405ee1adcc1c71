// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database

/// Applies the migrations of a folder to a database, one process at a time.
///
/// The connection must be a session of its own: behind a pooler that gives each transaction another session, the lock
/// would guard nothing.
package struct Migrator {
    let connection: BlockingConnection
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
        let (applied, unfinished) = try MigrationRecords.read(connection)
        return MigrationPlan(files: files, checksums: try checksums(), applied: applied, unfinished: unfinished)
    }

    /// Applies what is pending, oldest first.
    ///
    /// A file that fails leaves nothing behind, unless it says `transaction:false`; the files before it stay applied.
    ///
    /// - Parameter version: The last one to apply; nil for all.
    /// - Returns: the files that were applied, none when the schema was current.
    /// - Throws: ``MigrationError``; with code ``MigrationError/Code/inconsistent`` nothing was changed.
    ///   ``DatabaseError`` when the database cannot be asked.
    package func up(to version: String? = nil) throws -> [MigrationFile] {
        try locked {
            let files = try status().filesToApply(to: version)
            if !files.isEmpty { try MigrationRecords.createTables(connection) }
            for file in files { try run(file, .up) }
            return files
        }
    }

    /// Rolls back what was applied, newest first.
    ///
    /// - Parameters:
    ///   - version: See ``MigrationPlan/filesToRollBack(to:)``.
    ///   - expected: What that gave before, which somebody has agreed to lose.
    /// - Throws: as ``up(to:)``, also when it would be other files by now.
    package func down(to version: String?, expecting expected: [MigrationFile]) throws {
        try locked {
            guard try status().filesToRollBack(to: version) == expected else {
                throw MigrationError(.inconsistent, "another process has migrated the database meanwhile; look again")
            }
            if !expected.isEmpty { try MigrationRecords.createTables(connection) }
            for file in expected { try run(file, .down) }
        }
    }

    private static let serverProcess = Statement.read("select pg_backend_pid()")

    /// Runs `body` while no other migrator works, in a session without limits but our own.
    func locked<Value>(_ body: () throws -> Value) throws -> Value {
        let process: Int64? = try connection.execute(Self.serverProcess).first?.decode(0)
        if process != connection.serverProcess { report(.pooled) }
        // PostgreSQL 15 and 16 do not know all of them.
        try connection.execute(
            script: """
                set statement_timeout = 0;
                set lock_timeout = 0;
                set idle_in_transaction_session_timeout = 0;
                set idle_session_timeout = 0;
                select set_config(name, '0', false) from pg_settings where name = 'transaction_timeout';
                set client_min_messages = warning
                """
        )
        // What a killed migrator was waiting for must not hold its lock for long; not every system can tell.
        try? connection.execute(script: "set client_connection_check_interval = '1s'")
        return try MigratorLock(connection: connection, patience: patience.forMigrator, report: report)
            .whileHeld(body)
    }

    private func run(_ file: MigrationFile, _ direction: MigrationDirection) throws {
        report(.started(file, direction))
        let start = MonotonicTime.now()
        let run = MigrationRun(
            file: file,
            direction: direction,
            connection: connection,
            tableLockTimeout: patience.forTableLock,
            report: report
        )
        var attempt = 1
        while true {
            do {
                try run.perform()
                report(.finished(file, direction, took: MonotonicTime.now() - start))
                return
            } catch let error as MigrationError where error.isLockFailure && attempt < patience.attempts {
                attempt += 1
                report(.retrying(file))
                Pause.wait(patience.betweenAttempts)
            }
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
