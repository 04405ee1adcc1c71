// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Database
import Migrations

extension MigrateCommand {
    /// How the database is reached.
    struct DatabaseOptions: ParsableArguments {
        @Option(
            help: "How long to wait for a database that does not answer yet, such as 60s.",
            transform: Duration.argument
        )
        var wait: Duration = .zero

        @Flag(help: "Write JSON.")
        var json = false

        /// Connects, trying again every second until ``wait`` is over.
        func connect() throws -> BlockingConnection {
            let configuration = try DatabaseConfiguration(.ofProcess())
            let deadline = MonotonicTime.now() + wait
            var hasSaidSo = false
            while true {
                do {
                    return try configuration.connectForMigrations(timeout: .seconds(5))
                } catch let error as DatabaseError {
                    guard error.code == .unavailable, MonotonicTime.now() < deadline else { throw error }
                    if !hasSaidSo { Terminal.message("waiting for the database") }
                    hasSaidSo = true
                    Pause.wait(.seconds(1))
                }
            }
        }

        /// A migrator for what is in `folder`.
        func migrator(
            _ folder: FolderOptions,
            report: @escaping (MigrationEvent) -> Void = { _ in }
        ) throws -> Migrator {
            var patience = MigratorPatience()
            // Who waits longer than that for the database waits as long for another process that migrates it.
            patience.forMigrator = max(patience.forMigrator, wait)
            let files = try folder.directory().load()
            return Migrator(connection: try connect(), files: files, patience: patience) {
                Terminal.message($0.description)
                report($0)
            }
        }

        /// Runs `body` with a migrator for what is in `folder`; when that fails, JSON says what was done until then.
        ///
        /// - Parameters:
        ///   - folder: Where the migrations are.
        ///   - name: The JSON member of what was done.
        ///   - body: Makes the change, and shows it.
        /// - Throws: what `body` throws; as ``migrator(_:report:)``.
        func change(_ folder: FolderOptions, as name: String, _ body: (Migrator) throws -> Void) throws {
            var done: [MigrationFile] = []
            do {
                let migrator = try migrator(folder) { event in
                    if case .finished(let file, _, _) = event { done.append(file) }
                }
                try body(migrator)
            } catch {
                // An exit status alone is of somebody who did not agree.
                if json, !(error is ExitCode) {
                    try MigrateCommand.showJSON(done, as: name, error: Postern.text(of: error))
                }
                throw error
            }
        }
    }
}
