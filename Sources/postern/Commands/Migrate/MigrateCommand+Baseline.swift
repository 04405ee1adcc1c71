// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Migrations

extension MigrateCommand {
    /// `postern migrate baseline`: takes over a schema that something else has made.
    struct Baseline: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Note migrations as applied without running them.",
            discussion: """
                For a schema that is there already, made by dbmate or from a dump. With the newest version it must be \
                as in schema.sql. With an older one nothing checks that it is what the migrations give, until you say \
                after the rest was applied: postern migrate verify
                """
        )

        @Option(help: "The newest version that the schema has.", transform: MigrationVersion.argument)
        var to: String

        @OptionGroup var dry: DryRunOptions
        @OptionGroup var folder: FolderOptions
        @OptionGroup var database: DatabaseOptions

        func run() throws {
            try database.change(folder, as: dry.dryRun ? "would_record" : "recorded", run)
        }

        private func run(_ migrator: Migrator) throws {
            let schema = try folder.directory().schema()
            guard !dry.dryRun else {
                return try dry.show(
                    migrator.filesToRecord(to: to, against: schema),
                    nil,
                    json: database.json ? "would_record" : nil
                )
            }
            let recorded = try migrator.baseline(to: to, against: schema)
            guard !database.json else {
                return try showJSON(recorded, as: "recorded")
            }
            for file in recorded { Terminal.message("noted \(file.fileName) as applied") }
            if recorded.isEmpty { Terminal.message("everything up to \(to) is noted already") }
        }
    }
}
