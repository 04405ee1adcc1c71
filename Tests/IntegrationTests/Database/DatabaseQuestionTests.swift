// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

/// Statements that go behind a question.
@Suite struct DatabaseQuestionTests {
    private let process = Statement.read("select pg_backend_pid()")

    @Test func question_isAnsweredByTheSameConnection_alsoAmongManyOthers() async throws {
        try await DatabaseFixture.withPool {
            $0.connections = 4
        } _: { pool in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask { [process] in
                        guard number.isMultiple(of: 2) else {
                            return try await pool.execute(.read("select 1")).count == 1
                        }
                        let answers = try await pool.execute(process, [], behind: process, [])
                        let first = try answers.question.first?.decode(0, as: Int.self)
                        return try first != nil && first == answers.statement.first?.decode(0)
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func statement_seesWhatTheQuestionSaw() async throws {
        try await DatabaseFixture.withSchema { schema in
            try DatabaseFixture.blockingConnection().execute(script: "create table \(schema).t (a bigint)")
            try await DatabaseFixture.withPool { pool in
                let insert = Statement.write("insert into \(schema).t select count(*) from \(schema).t")
                let count = Statement.read("select count(*) from \(schema).t")
                // A question that waits for a lock: what is committed meanwhile is there for the statement behind it.
                let key = Int64.random(in: 1...0x7FFF_FFFF)
                let holder = try DatabaseFixture.blockingConnection()
                _ = try holder.execute(.write("select pg_advisory_lock($1)"), [.integer(key)])
                let question = Statement.read("select $1::int, pg_advisory_xact_lock($2)")
                async let answers = pool.execute(count, [], behind: question, [.integer(7), .integer(key)])
                try await DatabaseFixture.eventually {
                    try holder.execute(
                        .read(
                            "select 1 from pg_locks where locktype = 'advisory' and not granted and objid = $1::bigint"
                        ),
                        [.integer(key)]
                    ).count > 0
                }
                _ = try holder.execute(insert)
                _ = try holder.execute(.write("select pg_advisory_unlock($1)"), [.integer(key)])
                let (first, second) = try await answers
                #expect(try first.first?.decode(0, as: Int.self) == 7)
                #expect(try second.first?.decode(0, as: Int.self) == 1)
            }
        }
    }

    @Test func question_thatFails_failsTheStatement_andThePoolGoesOn() async throws {
        try await DatabaseFixture.withPool { pool in
            for prepared in ["select 1 / (select 0)", "select nothing from nowhere"] {
                let error = await databaseError {
                    _ = try await pool.execute(process, [], behind: .read(prepared), [])
                }
                #expect(error?.code == .unavailable)
            }
            let error = await databaseError {
                _ = try await pool.execute(.read("select 1 / (select 0)"), [], behind: process, [])
            }
            #expect(error?.code == .invalidParameter)
            let answers = try await pool.execute(process, [], behind: process, [])
            #expect(answers.statement.count == 1)
        }
    }

    @Test func statement_whoseConnectionBreaks_isNotRepeatedOnAnother() async throws {
        try await DatabaseFixture.withPool { pool in
            let end = Statement.read("select pg_terminate_backend(pg_backend_pid())")
            let error = await databaseError { _ = try await pool.execute(process, [], behind: end, []) }
            #expect(error?.code == .unavailable)
        }
    }
}
