// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

@Suite struct DatabaseTransactionTests {
    private struct Stop: Error {}

    private func withTable(_ body: (DatabasePool, Statement, Statement) async throws -> Void) async throws {
        try await DatabaseFixture.withSchema { schema in
            try DatabaseFixture.blockingConnection().execute(
                script: """
                    create table \(schema).numbers (
                        number bigint constraint numbers_number_key unique deferrable initially deferred
                    )
                    """
            )
            try await DatabaseFixture.withPool { pool in
                try await body(
                    pool,
                    .write("insert into \(schema).numbers values ($1)"),
                    .read("select count(*) from \(schema).numbers")
                )
            }
        }
    }

    private func expectCount(
        _ expected: Int,
        _ pool: DatabasePool,
        _ select: Statement,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let count = try await pool.execute(select).first?.decode(0, as: Int.self)
        #expect(count == expected, sourceLocation: sourceLocation)
    }

    @Test func transaction_whenBodyReturns_commits() async throws {
        try await withTable { pool, insert, select in
            let value = try await pool.transaction { transaction in
                _ = try await transaction.execute(insert, [.integer(1)])
                _ = try await transaction.execute(insert, [.integer(2)])
                return "value"
            }
            #expect(value == "value")
            try await expectCount(2, pool, select)
        }
    }

    @Test func transaction_whenBodyThrows_rollsBack() async throws {
        try await withTable { pool, insert, select in
            await #expect(throws: Stop.self) {
                try await pool.transaction { transaction in
                    _ = try await transaction.execute(insert, [.integer(1)])
                    throw Stop()
                }
            }
            try await expectCount(0, pool, select)
        }
    }

    @Test func transaction_beforeCommit_isInvisibleToOthers() async throws {
        try await withTable { pool, insert, select in
            let seen = try await pool.transaction { transaction in
                _ = try await transaction.execute(insert, [.integer(1)])
                let inside = try await transaction.execute(select).first?.decode(0, as: Int.self)
                let outside = try await pool.execute(select).first?.decode(0, as: Int.self)
                return [inside, outside]
            }
            #expect(seen == [1, 0])
        }
    }

    @Test func transaction_whileOthersQuery_hasItsConnectionAlone() async throws {
        try await withTable { pool, insert, select in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        // In one transaction txid_current() stays, outside each statement has its own.
                        let identifier = Statement.write("select txid_current()")
                        if number % 4 == 0 {
                            try await pool.transaction { transaction in
                                let first = try await transaction.execute(identifier).first?.decode(0, as: Int64.self)
                                _ = try await transaction.execute(insert, [.integer(Int64(number))])
                                let second = try await transaction.execute(identifier).first?.decode(0, as: Int64.self)
                                #expect(first == second)
                            }
                        } else {
                            _ = try await pool.execute(select)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await expectCount(50, pool, select)
        }
    }

    @Test func transaction_whenStatementFailed_cannotCommit() async throws {
        try await withTable { pool, insert, select in
            let error = await databaseError {
                try await pool.transaction { transaction in
                    _ = try await transaction.execute(insert, [.integer(1)])
                    _ = try? await transaction.execute(.read("select 1 / 0"))
                }
            }
            #expect(error?.sqlState == .inFailedTransaction)
            try await expectCount(0, pool, select)
        }
    }

    @Test func transaction_whenCommitIsRefused_throwsAndFreesTheConnection() async throws {
        try await withTable { pool, insert, select in
            for _ in 0..<5 {
                let error = await databaseError {
                    try await pool.transaction { transaction in
                        _ = try await transaction.execute(insert, [.integer(1)])
                        _ = try await transaction.execute(insert, [.integer(1)])
                    }
                }
                #expect(error?.code == .uniqueViolation)
            }
            try await expectCount(0, pool, select)
        }
    }

    @Test func transaction_whenMoreThanConnections_takeTurns() async throws {
        try await withTable { pool, insert, select in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try await pool.transaction { transaction in
                            _ = try await transaction.execute(insert, [.integer(Int64(number))])
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await expectCount(40, pool, select)
        }
    }

    @Test func transaction_whenAllConnectionsAreLeased_isUnavailableInTime() async throws {
        try await DatabaseFixture.withPool {
            $0.connections = 1
            $0.acquireTimeout = .milliseconds(200)
        } _: { pool in
            let error = try await pool.transaction { _ in
                await databaseError { _ = try await pool.execute(.read("select 1")) }
            }
            #expect(error?.code == .unavailable)
            #expect(try await pool.execute(.read("select 1")).count == 1)
        }
    }

    @Test func transaction_whenConnectionBreaksInside_isUnavailable() async throws {
        try await withTable { pool, insert, select in
            let error = await databaseError {
                try await pool.transaction { transaction in
                    _ = try await transaction.execute(insert, [.integer(1)])
                    _ = try await transaction.execute(.write("select pg_terminate_backend(pg_backend_pid())"))
                }
            }
            #expect(error?.code == .unavailable)
            try await expectCount(0, pool, select)
        }
    }

    @Test func transaction_whenCommitIsNotAnswered_isOutcomeUnknown() async throws {
        try await DatabaseFixture.withSchema { schema in
            // A deferred trigger runs within COMMIT; this one ends the session there.
            try DatabaseFixture.blockingConnection().execute(
                script: """
                    create table \(schema).numbers (number bigint);
                    create function \(schema).fall() returns trigger language plpgsql as
                        $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
                    create constraint trigger fall after insert on \(schema).numbers
                        deferrable initially deferred for each row execute function \(schema).fall();
                    """
            )
            try await DatabaseFixture.withPool { pool in
                let insert = Statement.write("insert into \(schema).numbers values (1)")
                let inTransaction = await databaseError {
                    try await pool.transaction { _ = try await $0.execute(insert) }
                }
                #expect(inTransaction?.code == .outcomeUnknown)
                let alone = await databaseError { _ = try await pool.execute(insert) }
                #expect(alone?.code == .outcomeUnknown)
            }
        }
    }

    @Test func transaction_whenTaskIsCancelled_rollsBack() async throws {
        try await withTable { pool, insert, select in
            let task = Task {
                try await pool.transaction { transaction in
                    _ = try await transaction.execute(insert, [.integer(1)])
                    withUnsafeCurrentTask { $0?.cancel() }
                    _ = try await transaction.execute(insert, [.integer(2)])
                }
            }
            let error = await databaseError { try await task.value }
            #expect(error?.code == .cancelled)
            try await expectCount(0, pool, select)
        }
    }
}
