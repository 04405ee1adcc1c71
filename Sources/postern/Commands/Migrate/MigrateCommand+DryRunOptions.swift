// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Migrations

extension MigrateCommand {
    /// Showing what would be done.
    struct DryRunOptions: ParsableArguments {
        @Flag(help: "Show what would be done, and change nothing.")
        var dryRun = false

        @Flag(name: .shortAndLong, help: "With --dry-run, show the SQL too.")
        var verbose = false

        func validate() throws {
            if verbose && !dryRun { throw ValidationError("--verbose says more about a --dry-run.") }
        }

        /// Shows `files`, whose `direction` would be run, or none of them when that is nil; `name` is the JSON member.
        func show(_ files: [MigrationFile], _ direction: MigrationDirection?, json name: String?) throws {
            if let name { return try MigrateCommand.showJSON(files, as: name) }
            for file in files {
                let sql = verbose ? direction.map { "\n\(file.section($0).sql)" } : nil
                try Terminal.data("\(verbose ? "-- " : "")\(file.fileName)\(sql ?? "")")
            }
            if files.isEmpty { Terminal.message("there is nothing to do") }
        }
    }

    /// Writes an object with the names of `files`, and what went wrong, if anything did.
    static func showJSON(_ files: [MigrationFile], as name: String, error: String? = nil) throws {
        var json = JSONWriter()
        json.object { json in
            json.member(name, files.map(\.fileName))
            if let error { json.member("error", error) }
        }
        try Terminal.json(json.bytes)
    }
}
