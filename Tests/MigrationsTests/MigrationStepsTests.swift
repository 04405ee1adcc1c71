// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Migrations
import Testing

/// What the commands choose from a plan, and what they refuse.
@Suite struct MigrationStepsTests {
    private func file(_ version: String, down: String = "select 1;") throws -> MigrationFile {
        try MigrationFile(
            fileName: "\(version)_step.sql",
            content: "-- migrate:up\nselect 1;\n-- migrate:down\n\(down)\n"
        )
    }

    /// A plan of four files, of which those in `applied` are applied; Postern knows the checksums in `records`.
    private func plan(
        _ applied: [String],
        records: [String: String] = [:],
        unfinished: [String: MigrationDirection] = [:]
    ) throws -> MigrationPlan {
        MigrationPlan(
            files: try ["0001", "0002", "0003", "0004"].map { try file($0) },
            checksums: Dictionary(uniqueKeysWithValues: (1...4).map { ("000\($0)", "sum") }),
            applied: applied.map { version in
                AppliedMigration(
                    version: version,
                    record: records[version].map { .init(name: "step", checksum: $0, appliedAt: Timestamp(seconds: 0)) }
                )
            },
            unfinished: unfinished
        )
    }

    private func code(_ body: () throws -> [MigrationFile]) -> MigrationError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? MigrationError)?.code
        }
    }

    @Test func filesToApply_areThePendingOnes_upToTheVersion() throws {
        let plan = try plan(["0001"])
        #expect(try plan.filesToApply(to: nil).map(\.version) == ["0002", "0003", "0004"])
        #expect(try plan.filesToApply(to: "0003").map(\.version) == ["0002", "0003"])
        #expect(try plan.filesToApply(to: "0001").isEmpty)
        #expect(code { try plan.filesToApply(to: "0005") } == .unknownVersion)
    }

    @Test func filesToRollBack_areTheNewest_downToTheVersion() throws {
        let plan = try plan(["0001", "0002", "0003"])
        #expect(try plan.filesToRollBack(to: nil).map(\.version) == ["0003"])
        #expect(try plan.filesToRollBack(to: "0001").map(\.version) == ["0003", "0002"])
        #expect(try plan.filesToRollBack(to: "0000").map(\.version) == ["0003", "0002", "0001"])
        #expect(try plan.filesToRollBack(to: "0004").isEmpty)
        #expect(code { try plan.filesToRollBack(to: "0005") } == .unknownVersion)
        #expect(try self.plan([]).filesToRollBack(to: nil).isEmpty)
    }

    @Test func filesToRollBack_whenThereIsNoWayBack_refuses() throws {
        let plan = MigrationPlan(
            files: [try file("0001", down: "-- Nothing can be done.")],
            checksums: [:],
            applied: [AppliedMigration(version: "0001", record: nil)]
        )
        #expect(code { try plan.filesToRollBack(to: nil) } == .irreversible)
    }

    @Test func filesToRecord_areThoseWithoutARecord_upToTheVersion() throws {
        let plan = try plan(["0001", "0002"], records: ["0001": "sum"])
        #expect(try plan.filesToRecord(to: "0003").map(\.version) == ["0002", "0003"])
        #expect(code { try plan.filesToRecord(to: "0005") } == .unknownVersion)
    }

    @Test func whenAFileChanged_everythingIsRefused() throws {
        let plan = try plan(["0001"], records: ["0001": "another"])
        #expect(code { try plan.filesToApply(to: nil) } == .inconsistent)
        #expect(code { try plan.filesToRollBack(to: nil) } == .inconsistent)
        #expect(code { try plan.filesToRecord(to: "0001") } == .inconsistent)
    }

    @Test func whenALaterReleaseMigrated_everythingIsRefused() throws {
        let plan = try plan(["0001", "0005"])
        #expect(code { try plan.filesToApply(to: nil) } == .inconsistent)
        #expect(code { try plan.filesToRollBack(to: nil) } == .inconsistent)
        #expect(code { try plan.filesToRecord(to: "0001") } == .inconsistent)
    }

    @Test func whenAnOlderFileIsPending_onlyRollingBackAndRecordingAreLeft() throws {
        let plan = try plan(["0001", "0003"])
        #expect(code { try plan.filesToApply(to: nil) } == .inconsistent)
        #expect(try plan.filesToRollBack(to: nil).map(\.version) == ["0003"])
        #expect(try plan.filesToRecord(to: "0003").map(\.version) == ["0001", "0002", "0003"])
    }

    @Test func whenARollbackWasCutOff_onlyThatIsLeft() throws {
        let plan = try plan(["0001", "0002"], unfinished: ["0002": .down])
        #expect(plan.problems == [.halfRolledBack(fileName: "0002_step.sql")])
        #expect(code { try plan.filesToApply(to: nil) } == .inconsistent)
        #expect(try plan.filesToRollBack(to: nil).map(\.version) == ["0002"])
    }

    @Test func whenAnUpWasCutOff_itIsPending() throws {
        let plan = try plan(["0001"], unfinished: ["0002": .up])
        #expect(plan.problems.isEmpty)
        #expect(plan.entries.map(\.unfinished) == [nil, .up, nil, nil])
        #expect(try plan.filesToApply(to: "0002").map(\.version) == ["0002"])
        #expect(code { try plan.filesToRecord(to: "0001") } == .inconsistent)
        #expect(try self.plan(["0002"], unfinished: ["0002": .up]).filesToRecord(to: "0002").count == 2)
    }
}
