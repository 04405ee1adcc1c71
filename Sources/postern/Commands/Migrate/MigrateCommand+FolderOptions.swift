// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Migrations

extension MigrateCommand {
    /// Where the migrations are.
    struct FolderOptions: ParsableArguments {
        @Option(help: "The folder with the migrations; without it, the one that belongs to the executable.")
        var dir: String?

        func directory() throws -> MigrationDirectory {
            try dir.map(MigrationDirectory.init(path:)) ?? .find()
        }
    }
}
