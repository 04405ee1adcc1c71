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

        @OptionGroup var options: Options

        func run() throws {
            let applied = try options.migrator().up()
            if options.json {
                var json = JSONWriter()
                json.object { json in json.member("applied", applied.map(\.fileName)) }
                try Terminal.data(json.text)
            } else if applied.isEmpty {
                Terminal.message("the schema is up to date")
            }
        }
    }
}
