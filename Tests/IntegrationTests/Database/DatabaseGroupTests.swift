// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

/// Statements that are sent, and writes that are committed, together.
@Suite struct DatabaseGroupTests {
    typealias Answer = Result<ResultSet, DatabaseError>

    private let name = "group_\(UInt64.random(in: .min ... .max))"

    /// Runs `body` with a table `t (id, n)` in a schema of its own.
    private func withTable(_ body: (String) async throws -> Void) async throws {
        try await DatabaseFixture.withSchema { schema in
            try DatabaseFixture.blockingConnection().execute(
                script: """
                    create table \(schema).t (
                        id integer constraint t_pkey primary key,
                        n integer not null constraint t_n_check check (n < 100)
                    )
                    """
            )
            try await body("\(schema).t")
        }
    }

    private func answers(
        to statements: [Statement],
        witness: PoolWitness = PoolWitness(),
        onAnswer: @escaping @Sendable (Int) -> Void = { _ in },
        whileTheyRun body: () async throws -> Void = {}
    ) async throws -> [Answer] {
        try await DatabaseFixture.answers(
            toGroup: statements,
            configure: { $0.applicationName = name },
            witness: witness,
            onAnswer: onAnswer,
            whileTheyRun: body
        )
    }

    private func rows(_ table: String) throws -> [[Int]] {
        let rows = try DatabaseFixture.blockingConnection().execute(.read("select id, n from \(table) order by id"), [])
            .rows
        return try rows.map { row in [try row.decode(0), try row.decode(1)] }
    }

    @Test func groupedWrites_areOneTransaction() async throws {
        try await withTable { table in
            let witness = PoolWitness()
            let insert = { (id: Int) in
                Statement.groupedWrite("insert into \(table) values (\(id), 0) returning xmin::text")
            }
            let answers = try await answers(to: (1...5).map(insert), witness: witness)
            let transactions = try answers.map { try $0.get().first?.decode(0, as: String.self) }
            #expect(Set(transactions).count == 1)
            #expect(witness.groups.contains(5))
            #expect(try rows(table).count == 5)
        }
    }

    @Test func otherWrites_areATransactionEach() async throws {
        try await withTable { table in
            let insert = { (id: Int) in
                Statement.write("insert into \(table) values (\(id), 0) returning xmin::text")
            }
            let answers = try await answers(to: (1...5).map(insert))
            let transactions = try answers.map { try $0.get().first?.decode(0, as: String.self) }
            #expect(Set(transactions).count == 5)
        }
    }

    @Test func groupedWrite_isAnsweredOnlyWhenItIsCommitted() async throws {
        try await withTable { table in
            let witness = PoolWitness()
            _ = try await answers(
                to: [
                    .groupedWrite("insert into \(table) values (1, 0)"),
                    .groupedWrite("insert into \(table) select 2, 0 from pg_sleep(0.5)"),
                ],
                witness: witness,
                onAnswer: { index in #expect((try? rows(table))?.contains([index + 1, 0]) == true) }
            )
            #expect(witness.groups.contains(2))
        }
    }

    @Test(arguments: [0, 2, 4])
    func groupedWrite_whenANeighbourFails_isDoneAllTheSameAndOnce(place: Int) async throws {
        try await withTable { table in
            var statements = (0..<5).map { Statement.groupedWrite("insert into \(table) values (\($0), 1)") }
            statements[place] = .groupedWrite("insert into \(table) values (\(place), 100)")
            let answers = try await answers(to: statements)
            for (index, answer) in answers.enumerated() {
                if index == place {
                    #expect(throws: DatabaseError.self) { try answer.get() }
                } else {
                    #expect(throws: Never.self) { try answer.get() }
                }
            }
            #expect(try rows(table) == (0..<5).filter { $0 != place }.map { [$0, 1] })
        }
    }

    @Test func groupedWrite_whenItFailsBehindANeighbour_isJudgedAlone() async throws {
        try await withTable { table in
            // A sequence keeps count of what is undone, too.
            try DatabaseFixture.blockingConnection().execute(script: "create sequence \(table)_runs")
            let answers = try await answers(to: [
                .groupedWrite("insert into \(table) values (1, 0)"),
                .groupedWrite("insert into \(table) select 1, nextval('\(table)_runs')"),
            ])
            #expect(answers.map { (try? $0.get()) != nil } == [true, false])
            let runs = try DatabaseFixture.blockingConnection().execute(
                .read("select last_value from \(table)_runs"),
                []
            )
            #expect(try runs.first?.decode(0, as: Int.self) == 2)
            #expect(try rows(table) == [[1, 0]])
        }
    }

    @Test func groupedWrite_whenTheCommitFailsOverANeighbour_isDoneAllTheSame() async throws {
        try await withTable { table in
            try DatabaseFixture.blockingConnection().execute(
                script: """
                    alter table \(table) add constraint t_n_fkey foreign key (n) references \(table) (id)
                        deferrable initially deferred
                    """
            )
            let answers = try await answers(to: [
                .groupedWrite("insert into \(table) values (1, 1)"),
                .groupedWrite("insert into \(table) values (2, 3)"),
                .groupedWrite("insert into \(table) values (4, 4)"),
            ])
            #expect(answers.map { (try? $0.get()) != nil } == [true, false, true])
            #expect(try rows(table) == [[1, 1], [4, 4]])
        }
    }

    @Test func groupedWrite_whenTheConnectionBreaks_hasAnUnknownOutcomeAndIsNotRepeated() async throws {
        try await withTable { table in
            let answers = try await answers(
                to: [
                    .groupedWrite("insert into \(table) values (1, 1)"),
                    .groupedWrite("insert into \(table) select 2, 2 from pg_sleep(5)"),
                    .groupedWrite("insert into \(table) values (3, 3)"),
                ],
                whileTheyRun: {
                    try await DatabaseFixture.eventually {
                        try DatabaseFixture.blockingConnection().execute(
                            .write(
                                """
                                select pg_terminate_backend(pid) from pg_stat_activity
                                where application_name = $1 and wait_event = 'PgSleep'
                                """
                            ),
                            [.text(name)]
                        ).count == 1
                    }
                }
            )
            for answer in answers {
                guard case .failure(let error) = answer else {
                    Issue.record("a write was acknowledged that was rolled back")
                    continue
                }
                #expect(error.code == .outcomeUnknown)
            }
            #expect(try rows(table).isEmpty)
        }
    }

    @Test func groupedWrites_whenGroupsLockCrosswise_areAllDoneOnce() async throws {
        try await withTable { table in
            try DatabaseFixture.blockingConnection().execute(script: "insert into \(table) values (1, 0), (2, 0)")
            let update = { @Sendable (id: Int) in
                Statement.groupedWrite("update \(table) set n = n + 1 from pg_sleep(0.3) where id = \(id)")
            }
            async let forth = answers(to: [update(1), update(2)])
            async let back = answers(to: [update(2), update(1)])
            let answers = try await forth + back
            for answer in answers { #expect(throws: Never.self) { try answer.get() } }
            #expect(try rows(table) == [[1, 2], [2, 2]])
        }
    }

    @Test func reads_goTogetherAndApartFromWrites() async throws {
        try await withTable { table in
            let witness = PoolWitness()
            let answers = try await answers(
                to: [
                    .groupedWrite("insert into \(table) values (1, 1)"),
                    .read("select pg_current_xact_id_if_assigned()::text"),
                    .read("select pg_current_xact_id_if_assigned()::text"),
                    .list("select 1"),
                    .groupedWrite("insert into \(table) values (2, 2)"),
                ],
                witness: witness
            )
            #expect(try answers[1].get().first?.decode(0, as: String?.self) == .some(nil))
            #expect(witness.groups.suffix(4) == [1, 2, 1, 1])
        }
    }
}
