// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Migrations

extension MigrateCommand {
    /// `postern migrate new`: begins a migration.
    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write an empty migration with the next version, and print its path."
        )

        @Argument(help: "What it does: lower-case words, joined by underscores, such as add_widgets.")
        var name: String

        @OptionGroup var folder: FolderOptions

        @Flag(help: "Write JSON.")
        var json = false

        func run() throws {
            let path = try folder.directory().create(name)
            guard json else {
                return try Terminal.data(path)
            }
            var json = JSONWriter()
            json.object { json in json.member("path", path) }
            try Terminal.data(json.text)
        }
    }
}
