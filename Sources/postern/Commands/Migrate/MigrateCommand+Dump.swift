// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Migrations
import TerminalText

extension MigrateCommand {
    /// `postern migrate dump`: the schema as text.
    struct Dump: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the schema of the database.",
            discussion: "The same for the same migrations. migrations/schema.sql is written with it, by scripts/schema."
        )

        @OptionGroup var database: DatabaseOptions

        func run() throws {
            let dump = try SchemaDump(database.connect())
            guard database.json else {
                let text = String(dump.text.dropLast())
                return try Terminal.data(Terminal.isInteractive ? text.escapedForTerminal(keeping: ["\n"]) : text)
            }
            var json = JSONWriter()
            json.object { json in
                json.member("version", dump.version)
                json.member("sql", dump.text)
            }
            try Terminal.data(json.text)
        }
    }
}
