// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Migrations
import Testing

@Suite struct MigrationPlanTests {
    private func file(_ version: String) throws -> MigrationFile {
        try MigrationFile(
            fileName: "\(version)_do_it.sql",
            content: "-- migrate:up\nselect \(version);\n-- migrate:down\n"
        )
    }

    private func applied(_ version: String, checksum: String) -> AppliedMigration {
        AppliedMigration(
            version: version,
            record: .init(name: "do_it", checksum: checksum, appliedAt: Timestamp(seconds: 0))
        )
    }

    /// A plan of the files `versions`, whose checksum is `sum` followed by the version.
    private func plan(files versions: [String], applied: [AppliedMigration]) throws -> MigrationPlan {
        MigrationPlan(
            files: try versions.map { try file($0) },
            checksums: Dictionary(versions.map { ($0, "sum\($0)") }) { first, _ in first },
            applied: applied
        )
    }

    @Test func init_whenNothingIsApplied_everythingIsPendingInOrder() throws {
        let plan = try plan(files: ["0002", "0001", "0003"], applied: [])
        #expect(plan.pending.map(\.version) == ["0001", "0002", "0003"])
        #expect(plan.problems.isEmpty)
    }

    @Test func init_whenSomeAreApplied_onlyTheRestIsPending() throws {
        let plan = try plan(files: ["0001", "0002"], applied: [applied("0001", checksum: "sum0001")])
        #expect(plan.pending.map(\.version) == ["0002"])
        #expect(plan.entries.map { $0.applied != nil } == [true, false])
        #expect(plan.problems.isEmpty)
    }

    @Test func init_whenAFileChanged_saysSo() throws {
        let plan = try plan(files: ["0001"], applied: [applied("0001", checksum: "other")])
        #expect(plan.problems == [.changed(fileName: "0001_do_it.sql")])
    }

    @Test func init_whenDbmateApplied_hasNothingToCompare() throws {
        let plan = try plan(files: ["0001"], applied: [AppliedMigration(version: "0001", record: nil)])
        #expect(plan.problems.isEmpty)
        #expect(plan.pending.isEmpty)
        #expect(plan.entries.first?.name == "do_it")
    }

    @Test func init_whenAnAppliedFileIsGone_saysSo() throws {
        let plan = try plan(
            files: ["0002"],
            applied: [applied("0001", checksum: "sum0001"), applied("0002", checksum: "sum0002")]
        )
        #expect(plan.problems == [.missing(version: "0001")])
    }

    @Test func init_whenTheDatabaseIsNewer_saysSo() throws {
        let plan = try plan(
            files: ["0001"],
            applied: [applied("0001", checksum: "sum0001"), applied("0002", checksum: "sum0002")]
        )
        #expect(plan.problems == [.newerThanFolder(version: "0002")])
    }

    @Test func init_whenAPendingOneIsOlderThanAnAppliedOne_saysSo() throws {
        let plan = try plan(
            files: ["0001", "0002", "0003"],
            applied: [applied("0001", checksum: "sum0001"), applied("0003", checksum: "sum0003")]
        )
        #expect(plan.problems == [.outOfOrder(fileName: "0002_do_it.sql", after: "0003")])
    }

    @Test func init_whenSeveralThingsAreWrong_saysAll() throws {
        let plan = try plan(
            files: ["0002", "0003"],
            applied: [applied("0001", checksum: "sum0001"), applied("0003", checksum: "other")]
        )
        #expect(
            plan.problems == [
                .missing(version: "0001"), .outOfOrder(fileName: "0002_do_it.sql", after: "0003"),
                .changed(fileName: "0003_do_it.sql"),
            ]
        )
    }
}
