// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `postern migrate`: the schema of the database.
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database's schema up to date, or see what is pending.",
        discussion: """
            The database is POSTERN_MIGRATION_DATABASE_URL, or else DATABASE_URL. It must be a direct connection: behind \
            a pooler that gives each transaction another session, two migrators would not see each other.

              postern migrate up --wait 60s     as the first step of a deployment
              postern migrate status            exits 1 when some are pending
              postern migrate verify            exits 1 when the schema is not what the migrations give
            """,
        subcommands: [Up.self, Down.self, Status.self, Verify.self, New.self, Dump.self, Baseline.self]
    )
}
