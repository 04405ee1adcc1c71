// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Migrations

extension MigrateCommand {
    /// `postern migrate up`: applies what is pending.
    struct Up: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply the migrations that are pending.",
            discussion: "Safe to run from several machines at once: one works, the others wait and find nothing to do."
        )

        @Option(help: "The last version to apply.", transform: MigrationVersion.argument)
        var to: String?

        @OptionGroup var dry: DryRunOptions
        @OptionGroup var folder: FolderOptions
        @OptionGroup var database: DatabaseOptions

        func run() throws {
            try database.change(folder, as: dry.dryRun ? "would_apply" : "applied", run)
        }

        private func run(_ migrator: Migrator) throws {
            guard !dry.dryRun else {
                return try dry.show(
                    migrator.status().filesToApply(to: to),
                    .up,
                    json: database.json ? "would_apply" : nil
                )
            }
            let applied = try migrator.up(to: to)
            if database.json {
                try showJSON(applied, as: "applied")
            } else if applied.isEmpty {
                Terminal.message("the schema is up to date")
            }
        }
    }
}
