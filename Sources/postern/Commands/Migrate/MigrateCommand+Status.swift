// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Migrations

extension MigrateCommand {
    /// `postern migrate status`: what is applied and what is pending.
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the migrations; exit 1 when some are pending or something is wrong.",
            discussion: "Changes nothing in the database."
        )

        @OptionGroup var folder: FolderOptions
        @OptionGroup var database: DatabaseOptions

        func run() throws {
            let plan = try database.migrator(folder).status()
            try Terminal.data(database.json ? json(plan) : table(plan))
            for problem in plan.problems { Terminal.message(problem.description) }
            guard plan.pending.isEmpty, plan.problems.isEmpty else { throw ExitCode.failure }
        }

        private func table(_ plan: MigrationPlan) -> String {
            plan.entries.map { entry in
                let state =
                    switch entry.applied {
                    case nil: entry.unfinished == nil ? "pending" : "begun, not finished"
                    case let applied?: applied.record.map { "applied \($0.appliedAt.rfc3339)" } ?? "applied"
                    }
                return "\(entry.version)  \(entry.name ?? "?")  \(state)"
            }
            .joined(separator: "\n")
        }

        private func json(_ plan: MigrationPlan) -> String {
            var json = JSONWriter()
            json.object { json in
                json.member("pending", Int64(plan.pending.count))
                json.member("problems", plan.problems.map(\.description))
                json.name("migrations")
                json.array(plan.entries) { json, entry in
                    json.object { json in
                        json.member("version", entry.version)
                        json.member("name", entry.name)
                        json.member("is_applied", entry.applied != nil)
                        json.member("is_unfinished", entry.unfinished != nil)
                        json.member("applied_at", entry.applied?.record?.appliedAt)
                    }
                }
            }
            return json.text
        }
    }
}
