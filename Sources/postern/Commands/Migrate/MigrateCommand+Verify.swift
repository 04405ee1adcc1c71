// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Migrations

extension MigrateCommand {
    /// `postern migrate verify`: whether the database is what the migrations give.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare the database with the migrations; exit 1 when something is wrong.",
            discussion: """
                Looks for files that are pending, were changed after they were applied or are missing, versions of a \
                later release, invalid indexes, and for what is not as in schema.sql. A schema that could not be \
                compared, because schema.sql is missing or of another version, is wrong, too. Changes nothing.
                """
        )

        @OptionGroup var folder: FolderOptions
        @OptionGroup var database: DatabaseOptions

        func run() throws {
            let schema = try folder.directory().schema()
            let problems = try database.migrator(folder).verify(against: schema)
            if database.json {
                var json = JSONWriter()
                json.object { json in json.member("problems", problems) }
                try Terminal.data(json.text)
            } else {
                for problem in problems { Terminal.message(problem) }
                if problems.isEmpty { Terminal.message("the schema is what the migrations give") }
            }
            guard problems.isEmpty else { throw ExitCode.failure }
        }
    }
}
