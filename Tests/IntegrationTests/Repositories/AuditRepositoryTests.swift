// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

import struct FoundationEssentials.UUID

@Suite struct AuditRepositoryTests {
    @Test func record_storesTheEvent_asItIsListed() async throws {
        try await TestDatabase.withMigrated { pool in
            let audit = PostgresAuditRepository(database: pool)
            let principal = Principal(
                userID: .make(at: Sample.now),
                credential: .apiKey(.make(at: Sample.now)),
                grants: Grants()
            )
            let address = try #require(IPAddress("2001:db8::7"))
            let event = RequestOrigin.$current.withValue(.init(requestID: "req-1", clientAddress: address)) {
                Sample.event(by: .principal(principal))
            }
            try await audit.record(event)
            let bare = Sample.event(.signingKeyCreated, of: .signingKey, at: 1)
            try await audit.record(bare)

            #expect(try await audit.list(AuditFilter(), after: nil, limit: 10) == [bare, event])
            #expect(event.requestID == "req-1")
            #expect(event.clientAddress == "2001:db8::7")
        }
    }

    @Test func list_byEachKey_pagesThroughItsEvents_newestFirst_andThroughNoOthers() async throws {
        try await TestDatabase.withMigrated { pool in
            let audit = PostgresAuditRepository(database: pool)
            let (ada, key) = (Identifier<User>.make(at: Sample.now), Identifier<APIKey>.make(at: Sample.now))
            let subject = AuditSubject.role(.make(at: Sample.now))
            var wanted: [AuditEvent] = []
            for second in 0..<7 {
                let event = Sample.event(
                    .roleChanged,
                    of: subject,
                    by: AuditActor(kind: "api_key", userID: ada, apiKeyID: key),
                    at: second
                )
                try await audit.record(event)
                wanted.insert(event, at: 0)
                try await audit.record(Sample.event(by: .user(.make(at: Sample.now)), at: second))
                try await audit.record(Sample.event(at: second))
            }
            let keys: [AuditFilter.Key] = [
                .actor(ada), .apiKey(key), .subject(try #require(subject.id)), .action("role.changed"),
            ]
            for key in keys {
                #expect(try await Self.pages(of: AuditFilter(key), audit, by: 3) == wanted, "\(key)")
            }
            #expect(try await Self.pages(of: AuditFilter(), audit, by: 4).count == 21)
            #expect(try await Self.pages(of: AuditFilter(.action("role.deleted")), audit, by: 3).isEmpty)
        }
    }

    @Test func list_betweenTwoTimes_givesWhatHappenedFromTheFirst_andBeforeTheSecond() async throws {
        try await TestDatabase.withMigrated { pool in
            let audit = PostgresAuditRepository(database: pool)
            let ada = Identifier<User>.make(at: Sample.now)
            // Also in months that have no partition yet.
            for second in [-40 * 86_400, -1, 0, 1, 2, 400 * 86_400] {
                try await audit.record(Sample.event(by: .user(ada), at: second))
            }
            for key in [nil, AuditFilter.Key.actor(ada)] {
                let filter = AuditFilter(key, since: Sample.now, until: Sample.now + .seconds(2))
                let found = try await Self.pages(of: filter, audit, by: 1)
                #expect(found.map(\.occurredAt) == [Sample.now + .seconds(1), Sample.now])
                let before1970 = AuditFilter(key, since: Timestamp(seconds: -1), until: Timestamp(seconds: 0))
                #expect(try await audit.list(before1970, after: nil, limit: 10).isEmpty)
                #expect(try await audit.list(AuditFilter(key), after: nil, limit: 10).count == 6)
            }
        }
    }

    /// What is added while somebody pages comes before the first page: nothing is seen twice, and nothing left out.
    @Test func list_whileEventsAreAdded_givesEachOneThatWasThere_once() async throws {
        try await TestDatabase.withMigrated { pool in
            let audit = PostgresAuditRepository(database: pool)
            for second in 0..<6 { try await audit.record(Sample.event(at: second)) }
            let first = try await audit.list(AuditFilter(), after: nil, limit: 3)
            for second in 6..<9 { try await audit.record(Sample.event(at: second)) }
            let second = try await audit.list(AuditFilter(), after: first.last?.id, limit: 10)
            #expect((first + second).map(\.occurredAt) == (0..<6).reversed().map { Sample.now + .seconds($0) })
        }
    }

    /// Each list with the type of what it is chosen by.
    private static let lists: [(statement: Statement, type: String, value: String)] = [
        (PostgresAuditRepository.listAll, "", ""),
        (PostgresAuditRepository.listByActor, ", uuid", ", gen_random_uuid()"),
        (PostgresAuditRepository.listByAPIKey, ", uuid", ", gen_random_uuid()"),
        (PostgresAuditRepository.listBySubject, ", uuid", ", gen_random_uuid()"),
        (PostgresAuditRepository.listByAction, ", text", ", 'user.deleted'"),
    ]

    @Test func lists_readTheirIndexInItsOrder_andOnlyTheMonthsAskedFor() async throws {
        try await TestDatabase.withMigrated { pool in
            let load = """
                select make_audit_partition($1::timestamptz - i * interval '30 days') from generate_series(1, 5) i;
                insert into audit_events (id, occurred_at, action, actor_kind, actor_user_id, subject_kind, subject_id)
                select gen_random_uuid(), $1, 'user.changed', 'user', gen_random_uuid(), 'user', gen_random_uuid()
                from generate_series(1, 2) i;
                insert into audit_events (id, occurred_at, action, actor_kind, actor_user_id, subject_kind, subject_id)
                select (left(first_uuid_at(at)::text, 13) || '-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, at,
                    'user.changed', 'user', gen_random_uuid(), 'user', gen_random_uuid()
                from (select i, $1::timestamptz - i * interval '1 hour' as at from generate_series(1, 3000) i) x
                """
            for statement in load.split(separator: ";") {
                _ = try await pool.execute(.write(String(statement)), [.timestamp(Sample.now)])
            }
            _ = try await pool.execute(.write("analyze audit_events"))
            _ = try await pool.execute(
                .write("update pg_class set reltuples = 1000 * reltuples where relname ~ '^audit_events_'")
            )
            for (index, list) in Self.lists.enumerated() {
                let plan = try await pool.transaction { transaction in
                    _ = try await transaction.execute(.write("set local plan_cache_mode = force_generic_plan"))
                    _ = try await transaction.execute(
                        .write(
                            "prepare l\(index) (uuid, bigint, timestamptz, timestamptz\(list.type)) as \(list.statement.sql)"
                        )
                    )
                    let week = "'2027-01-03Z'::timestamptz, '2027-01-10Z'::timestamptz"
                    return try await transaction.execute(
                        .read("explain (analyze) execute l\(index) (null, 51, \(week)\(list.value))")
                    ).rows.map { row in try row.decode(0, as: String.self) }.joined(separator: "\n")
                }
                #expect(!plan.contains("Seq Scan") && !plan.contains("Sort Method"), "\(plan)")
                #expect(plan.contains("Subplans Removed"), "\(plan)")
                #expect(plan.contains(" audit_events_2027_01") && !plan.contains(" audit_events_2026_12"), "\(plan)")
            }
        }
    }

    @Test func events_areNeitherChangedNorDeleted() async throws {
        try await TestDatabase.withMigrated { pool in
            try await PostgresAuditRepository(database: pool).record(Sample.event())
            let partition = try #require(
                await pool.execute(.read("select tableoid::regclass::text from audit_events")).first
            )
            let table = try partition.decode(0, as: String.self)
            for change in [
                "update audit_events set action = 'x'", "delete from audit_events", "truncate audit_events",
                "update \(table) set action = 'x'", "delete from \(table)",
            ] {
                let error = await databaseError { _ = try await pool.execute(.write(change)) }
                #expect(error?.sqlState?.rawValue == "42501", "\(change)")
            }
            #expect(try await pool.count("audit_events") == 1)
        }
    }

    /// All pages of `limit` events.
    private static func pages(
        of filter: AuditFilter,
        _ audit: PostgresAuditRepository,
        by limit: Int
    ) async throws -> [AuditEvent] {
        var events: [AuditEvent] = []
        while true {
            let page = try await audit.list(filter, after: events.last?.id, limit: limit)
            events += page
            guard page.count == limit else { return events }
        }
    }
}
