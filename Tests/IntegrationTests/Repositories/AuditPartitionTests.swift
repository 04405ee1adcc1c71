// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Synchronization
import Testing

/// That months are made ahead and dropped, and hold up nobody.
@Suite struct AuditPartitionTests {
    /// Names of the months, in their order.
    private func months(_ pool: DatabasePool) async throws -> [String] {
        try await pool.execute(
            .read(
                """
                select c.relname
                from pg_inherits i
                join pg_class c on c.oid = i.inhrelid
                where i.inhparent = 'audit_events'::regclass and c.relname <> 'audit_events_default'
                order by c.relname
                """
            )
        ).rows.map { row in try row.decode(0, as: String.self) }
    }

    private func time(_ text: String) throws -> Timestamp {
        try #require(Timestamp(rfc3339: text))
    }

    /// Begins with no month at all.
    private func withAudit(_ body: (DatabasePool, PostgresAuditRepository) async throws -> Void) async throws {
        try await TestDatabase.withMigrated(connections: 4) { pool in
            let audit = PostgresAuditRepository(database: pool)
            while try await audit.dropPartition(before: time("2100-01-01T00:00:00Z")) != nil {}
            try await body(pool, audit)
        }
    }

    @Test func migration_makesThisMonthAndTheNextTwo() async throws {
        try await TestDatabase.withMigrated { pool in
            let expected = try await pool.execute(
                .read(
                    """
                    select to_char(
                        date_trunc('month', now() at time zone 'UTC') + ahead * interval '1 month', '"audit_events_"YYYY_MM'
                    )
                    from generate_series(0, 2) ahead
                    order by 1
                    """
                )
            ).rows.map { row in try row.decode(0, as: String.self) }
            #expect(try await months(pool) == expected)
        }
    }

    @Test func makePartition_onTheLastOfAMonth_makesTheMonthsThatFollow() async throws {
        try await withAudit { pool, audit in
            let last = try time("2027-01-31T23:59:59.999Z")
            for months in 0...2 { #expect(try await audit.makePartition(of: last, plus: months)) }
            #expect(try await months(pool) == ["audit_events_2027_01", "audit_events_2027_02", "audit_events_2027_03"])
            #expect(try await !audit.makePartition(of: last, plus: 1))
        }
    }

    @Test func event_goesIntoItsMonth_andIntoTheDefaultOneWhenThereIsNone() async throws {
        try await withAudit { pool, audit in
            let first = try time("2027-02-01T00:00:00Z")
            _ = try await audit.makePartition(of: first, plus: 0)
            for instant in [first, first - .milliseconds(1), try time("2027-02-28T23:59:59.999999Z")] {
                try await audit.record(.userChanged, of: .signingKey, by: .system, at: instant)
            }
            #expect(try await pool.count("audit_events_2027_02") == 2)
            #expect(try await pool.count("audit_events_default") == 1)
            #expect(try await audit.oldestWithoutPartition() == first - .milliseconds(1))
        }
    }

    @Test func makePartition_takesTheEventsOfItsMonth_thatCameBefore() async throws {
        try await withAudit { pool, audit in
            for second in [-40 * 86_400, 0, 1] { try await audit.record(Sample.event(at: second)) }
            let before = try await audit.list(AuditFilter(), after: nil, limit: 10)
            var made = 0
            while let oldest = try await audit.oldestWithoutPartition(),
                try await audit.makePartition(of: oldest, plus: 0)
            {
                made += 1
            }
            #expect(made == 2)
            #expect(try await pool.count("audit_events_default") == 0)
            #expect(try await pool.count("audit_events_2027_01") == 2)
            #expect(try await audit.list(AuditFilter(), after: nil, limit: 10) == before)
        }
    }

    @Test func dropPartition_dropsMonthsThatAreOver_oldestFirst_andNoOthers() async throws {
        try await withAudit { pool, audit in
            let march = try time("2027-03-15T12:00:00Z")
            for months in -3...1 { _ = try await audit.makePartition(of: march, plus: months) }
            try await audit.record(.userChanged, of: .signingKey, by: .system, at: march)
            // Until the last moment of February, something in it may be young enough.
            let end = try time("2027-03-01T00:00:00Z")
            #expect(try await audit.dropPartition(before: end - .milliseconds(1)) == "audit_events_2026_12")
            #expect(try await audit.dropPartition(before: end - .milliseconds(1)) == "audit_events_2027_01")
            #expect(try await audit.dropPartition(before: end - .milliseconds(1)) == nil)
            #expect(try await audit.dropPartition(before: end) == "audit_events_2027_02")
            #expect(try await months(pool) == ["audit_events_2027_03", "audit_events_2027_04"])
            #expect(try await pool.count("audit_events") == 1)
        }
    }

    @Test func eightAtOnce_makeAndDropEachMonthOnce() async throws {
        try await withAudit { pool, audit in
            for months in -5 ... -1 { _ = try await audit.makePartition(of: Sample.now, plus: months) }
            let dropped = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        _ = try await audit.makePartition(of: Sample.now, plus: 0)
                        var names: [String] = []
                        while let name = try await audit.dropPartition(before: Sample.now) { names.append(name) }
                        return names
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(dropped.sorted() == (8...12).map { "audit_events_2026_\($0 < 10 ? "0" : "")\($0)" })
            #expect(try await months(pool) == ["audit_events_2027_01"])
        }
    }

    /// A backup reads the table for hours: until it is done nothing can be dropped, and changes go on.
    @Test func dropPartition_whileSomebodyReads_givesUp_andChangesWaitForNoLongerThanThat() async throws {
        try await withAudit { pool, audit in
            for months in -2...0 { _ = try await audit.makePartition(of: Sample.now, plus: months) }
            try await pool.transaction { backup in
                _ = try await backup.execute(.write("lock table audit_events in access share mode"))
                let recorded = try await Self.recording(on: pool, lockTimeout: "1s") {
                    await #expect(throws: DomainError.self) { _ = try await audit.dropPartition(before: Sample.now) }
                }
                #expect(try await pool.count("audit_events") == recorded)
            }
            #expect(try await audit.dropPartition(before: Sample.now) != nil)
        }
    }

    /// Making a month waits for those who read, too; those who write do not notice.
    @Test func makePartition_whileSomebodyReads_givesUp_andChangesDoNotWait() async throws {
        try await withAudit { pool, audit in
            _ = try await audit.makePartition(of: Sample.now, plus: 0)
            try await pool.transaction { backup in
                _ = try await backup.execute(.read("select count(*) from audit_events"))
                let recorded = try await Self.recording(on: pool, lockTimeout: "10ms") {
                    await #expect(throws: DomainError.self) {
                        _ = try await audit.makePartition(of: Sample.now, plus: 1)
                    }
                }
                #expect(try await pool.count("audit_events") == recorded)
            }
            #expect(try await audit.makePartition(of: Sample.now, plus: 1))
        }
    }

    /// Records events one after another for as long as `body` takes; whoever waited longer for a lock would fail.
    ///
    /// - Returns: How many.
    private static func recording(
        on pool: DatabasePool,
        lockTimeout: String,
        during body: @escaping @Sendable () async throws -> Void
    ) async throws -> Int {
        let end = End()
        return try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                defer { end.isReached.store(true, ordering: .relaxed) }
                try await body()
                return 0
            }
            group.addTask {
                var count = 0
                repeat {
                    try await pool.transaction { request in
                        _ = try await request.execute(.write("set local lock_timeout = '\(lockTimeout)'"))
                        try await PostgresAuditRepository(database: request).record(Sample.event())
                    }
                    count += 1
                } while !end.isReached.load(ordering: .relaxed)
                return count
            }
            return try await group.reduce(0, +)
        }
    }
}

private final class End: Sendable {
    let isReached = Atomic(false)
}
