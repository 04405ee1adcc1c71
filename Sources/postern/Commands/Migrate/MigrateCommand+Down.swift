// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Migrations

extension MigrateCommand {
    /// `postern migrate down`: rolls back.
    struct Down: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Roll back the newest migration.",
            discussion: """
                What the migration has added is lost, with everything in it. The release before runs on the newer schema, \
                so going back to it needs no rollback.
                """
        )

        @Option(
            help: "The version that is the newest afterwards; 0 rolls back everything.",
            transform: MigrationVersion.argument
        )
        var to: String?

        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var dry: DryRunOptions
        @OptionGroup var folder: FolderOptions
        @OptionGroup var database: DatabaseOptions

        func run() throws {
            try database.change(folder, as: dry.dryRun ? "would_roll_back" : "rolled_back", run)
        }

        private func run(_ migrator: Migrator) throws {
            let files = try migrator.status().filesToRollBack(to: to)
            guard !dry.dryRun else {
                return try dry.show(files, .down, json: database.json ? "would_roll_back" : nil)
            }
            if !files.isEmpty {
                let names = files.map(\.fileName).joined(separator: ", ")
                try confirmation.confirm("Roll back \(names), and lose what is in the tables and columns they added?")
                try migrator.down(to: to, expecting: files)
            }
            if database.json {
                try showJSON(files, as: "rolled_back")
            } else if files.isEmpty {
                Terminal.message("there is nothing to roll back")
            }
        }
    }
}
