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
            transform: Duration.argument
        )
        var wait: Duration = .zero

        @Flag(help: "Write JSON.")
        var json = false

        /// A migrator for the folder and the database that were asked for.
        func migrator() throws -> Migrator {
            let database = try DatabaseConfiguration(.ofProcess())
            let files = try (dir.map(MigrationDirectory.init(path:)) ?? .find()).load()
            return Migrator(connection: try connect(to: database.migrationURL), files: files) {
                Terminal.message($0.description)
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
