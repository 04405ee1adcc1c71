// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Database
import Migrations

extension MigrateCommand {
    /// What all migration commands take.
    struct Options: ParsableArguments {
        @Option(help: "The folder with the migrations; without it, the one that belongs to the executable.")
        var dir: String?

        @Option(
            help: "How long to wait for a database that does not answer yet, such as 60s.",
            transform: { text in
                guard let duration = Duration(setting: text) else {
                    throw ValidationError("'\(text)' is not a duration such as 60s or 5m.")
                }
                return duration
            }
        )
        var wait: Duration = .zero

        @Flag(help: "Write JSON.")
        var json = false

        /// Runs `body` on the folder's migrations and a connection.
        ///
        /// What goes wrong is one message on standard error.
        ///
        /// - Throws: `ExitCode`.
        func run(_ body: (BlockingConnection, [MigrationFile]) throws -> Void) throws {
            do {
                let database = try DatabaseConfiguration(.ofProcess())
                let directory = try dir.map(MigrationDirectory.init(path:)) ?? .find()
                let files = try directory.load()
                try body(connect(to: database.migrationURL), files)
            } catch let error as ConfigurationError {
                Terminal.message(error.description)
                throw ExitCode(ExitStatus.badConfiguration.rawValue)
            } catch let error as MigrationError {
                Terminal.message(error.description)
                throw ExitCode(ExitStatus.failed.rawValue)
            } catch let error as DatabaseError {
                Terminal.message([error.description, error.detail].compactMap(\.self).joined(separator: ": "))
                throw ExitCode(ExitStatus.failed.rawValue)
            }
        }

        /// Connects, trying again every second until ``wait`` is over.
        private func connect(to url: Redacted<String>) throws -> BlockingConnection {
            let deadline = MonotonicTime.now() + wait
            var hasSaidSo = false
            while true {
                do {
                    return try BlockingConnection(connectionString: url, connectTimeout: .seconds(5))
                } catch  where error.code == .invalidParameter {
                    throw ConfigurationError(SettingKey.databaseURL, "is no connection string that libpq understands")
                } catch {
                    guard error.code == .unavailable, MonotonicTime.now() < deadline else { throw error }
                    if !hasSaidSo { Terminal.message("waiting for the database") }
                    hasSaidSo = true
                    Pause.wait(.seconds(1))
                }
            }
        }
    }
}
