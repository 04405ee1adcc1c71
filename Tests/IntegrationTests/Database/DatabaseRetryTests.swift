// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Synchronization
import Testing

/// When a transaction runs again, and when it must not.
@Suite struct DatabaseRetryTests {
    private struct Stop: Error {}

    /// Counts attempts.
    private final class Counter: Sendable {
        private let count = Mutex(0)

        var value: Int { count.withLock { $0 } }

        /// The number of the attempt that begins, from 1.
        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    /// Two rows, `id` 1 and 2 with `n` 0, and a function that fails in a way of one's choice.
    private func withTable(_ body: (DatabasePool, String) async throws -> Void) async throws {
        try await DatabaseFixture.withSchema { schema in
            try DatabaseFixture.blockingConnection().execute(
                script: """
                    create table \(schema).rows (id int primary key, n int not null);
                    insert into \(schema).rows values (1, 0), (2, 0);
                    create sequence \(schema).calls;
                    create function \(schema).fail(state text) returns void language plpgsql as
                        $$ begin raise exception using errcode = state; end $$;
                    """
            )
            try await DatabaseFixture.withPool {
                $0.connections = 4
            } _: { pool in
                try await body(pool, schema)
            }
        }
    }

    private func sum(_ pool: DatabasePool, _ schema: String) async throws -> Int? {
        try await pool.execute(.read("select sum(n) from \(schema).rows")).first?.decode(0)
    }

    @Test func transaction_whenItIsTheVictimOfADeadlock_runsAgain() async throws {
        try await withTable { pool, schema in
            let increment = Statement.write("update \(schema).rows set n = n + 1 where id = $1")
            let attempts = Counter()
            let arrivals = Counter()
            // Each takes one row, waits until the other has the other row, and wants that too: PostgreSQL ends one of them.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (first, second) in [(1, 2), (2, 1)] as [(Int64, Int64)] {
                    group.addTask {
                        try await pool.transaction { transaction in
                            _ = attempts.next()
                            // The one that waits first must wait on until there is a deadlock.
                            _ = try await transaction.execute(.write("set local lock_timeout = 0"))
                            _ = try await transaction.execute(increment, [.integer(first)])
                            _ = arrivals.next()
                            try await DatabaseFixture.eventually { arrivals.value >= 2 }
                            _ = try await transaction.execute(increment, [.integer(second)])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(attempts.value == 3)
            #expect(try await sum(pool, schema) == 4)
        }
    }

    @Test func transaction_whenAConcurrentOneWasInTheWay_runsAgain() async throws {
        try await withTable { pool, schema in
            let increment = Statement.write("update \(schema).rows set n = n + 1 where id = 1")
            let attempts = Counter()
            try await pool.transaction { transaction in
                _ = try await transaction.execute(.write("set transaction isolation level repeatable read"))
                _ = try await transaction.execute(.read("select n from \(schema).rows"))
                if attempts.next() == 1 { _ = try await pool.execute(increment) }
                _ = try await transaction.execute(increment)
            }
            #expect(attempts.value == 2)
            #expect(try await sum(pool, schema) == 2)
        }
    }

    @Test(arguments: ["40001", "40P01", "25006"])
    func transaction_whenItFailsTimeAndAgain_isGivenUpAfterThreeAttempts(state: String) async throws {
        try await withTable { pool, schema in
            let attempts = Counter()
            let error = await databaseError {
                try await pool.transaction { transaction in
                    _ = attempts.next()
                    _ = try await transaction.execute(.write("select \(schema).fail($1)"), [.text(state)])
                }
            }
            #expect(error?.sqlState?.rawValue == state)
            #expect(attempts.value == 3)
        }
    }

    @Test func transaction_whenWhatItThrowsIsCausedByTheDatabase_runsAgain() async throws {
        try await withTable { pool, schema in
            let attempts = Counter()
            try await pool.transaction { transaction in
                guard attempts.next() == 1 else { return }
                do {
                    _ = try await transaction.execute(.write("select \(schema).fail('40001')"))
                } catch {
                    throw DomainError(.unavailable, "Try again.", cause: error)
                }
            }
            #expect(attempts.value == 2)
        }
    }

    @Test func transaction_whenTheSessionEndsBeforeTheCommit_runsAgain() async throws {
        try await withTable { pool, schema in
            let attempts = Counter()
            try await pool.transaction { transaction in
                _ = try await transaction.execute(.write("update \(schema).rows set n = n + 1"))
                guard attempts.next() == 1 else { return }
                _ = try await transaction.execute(.write("select pg_terminate_backend(pg_backend_pid())"))
            }
            #expect(attempts.value == 2)
            #expect(try await sum(pool, schema) == 2)
        }
    }

    @Test func transaction_whenTheConnectionBreaksBetweenStatements_runsAgain() async throws {
        try await withTable { pool, schema in
            let attempts = Counter()
            let increment = Statement.write("update \(schema).rows set n = n + 1")
            try await pool.transaction { transaction in
                let pid: Int? = try await transaction.execute(.read("select pg_backend_pid()")).first?.decode(0)
                _ = try await transaction.execute(increment)
                if attempts.next() == 1, let pid {
                    let killer = try DatabaseFixture.blockingConnection()
                    let kill = Statement.write("select pg_terminate_backend($1::int, 5000)")
                    _ = try killer.execute(kill, [.integer(Int64(pid))])
                }
                _ = try await transaction.execute(increment)
            }
            #expect(attempts.value == 2)
            #expect(try await sum(pool, schema) == 4)
        }
    }

    @Test func transaction_whenTheConnectionBreaksAfterTheCommitWasSent_doesNotRunAgain() async throws {
        try await withTable { pool, schema in
            // A deferred trigger runs within COMMIT; this one ends the session there.
            try DatabaseFixture.blockingConnection().execute(
                script: """
                    create function \(schema).fall() returns trigger language plpgsql as
                        $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
                    create constraint trigger fall after update on \(schema).rows
                        deferrable initially deferred for each row execute function \(schema).fall();
                    """
            )
            let attempts = Counter()
            let error = await databaseError {
                try await pool.transaction { transaction in
                    _ = attempts.next()
                    _ = try await transaction.execute(.write("update \(schema).rows set n = n + 1"))
                }
            }
            #expect(error?.code == .outcomeUnknown)
            #expect(attempts.value == 1)
        }
    }

    /// Every connection has the statement prepared, and none of them knows of the change.
    @Test func transaction_whenAMigrationChangesWhatAStatementGives_runsAgain() async throws {
        try await withTable { pool, schema in
            let select = Statement.read("select n from \(schema).rows where id = 1")
            let attempts = Counter()
            let selectOnAll = {
                try await pool.transaction { first in
                    _ = attempts.next()
                    _ = try await first.execute(select)
                    try await pool.transaction { second in
                        _ = attempts.next()
                        _ = try await second.execute(select)
                        try await pool.transaction { third in
                            _ = attempts.next()
                            _ = try await third.execute(select)
                            try await pool.transaction { fourth in
                                _ = attempts.next()
                                _ = try await fourth.execute(select)
                            }
                        }
                    }
                }
            }
            try await selectOnAll()
            #expect(attempts.value == 4)
            try DatabaseFixture.blockingConnection().execute(
                script: "alter table \(schema).rows alter column n type bigint"
            )
            try await selectOnAll()
            #expect(attempts.value == 9, "the first finds it for all")
        }
    }

    /// As a pooler does that gives a session to somebody else; where the transaction is at that time.
    @Test(arguments: ["before", "within", "at the end"])
    func transaction_whenItsStatementsAreDeallocated_runsAgain(place: String) async throws {
        let deallocate = Statement.write("deallocate all")
        try await DatabaseFixture.withPool {
            $0.connections = 1
        } _: { pool in
            let attempts = Counter()
            let run = { @Sendable (isDisturbed: Bool) in
                try await pool.transaction { transaction in
                    let isFirst = attempts.next() == 2
                    _ = try await transaction.execute(.read("select 1"))
                    if isDisturbed, isFirst, place == "within" { _ = try await transaction.execute(deallocate) }
                    _ = try await transaction.execute(.read("select 2"))
                    if isDisturbed, isFirst, place == "at the end" { _ = try await transaction.execute(deallocate) }
                }
            }
            try await run(false)
            if place == "before" { _ = try await pool.execute(deallocate) }
            try await run(true)
            #expect(attempts.value == (place == "before" ? 2 : 3))
        }
    }

    @Test func transaction_whenItFailsForAnotherReason_doesNotRunAgain() async throws {
        try await withTable { pool, schema in
            let attempts = Counter()
            await #expect(throws: Stop.self) {
                try await pool.transaction { _ in
                    _ = attempts.next()
                    throw Stop()
                }
            }
            let error = await databaseError {
                try await pool.transaction { transaction in
                    _ = attempts.next()
                    _ = try await transaction.execute(.write("insert into \(schema).rows values (1, 0)"))
                }
            }
            #expect(error?.code == .uniqueViolation)
            #expect(attempts.value == 2)
        }
    }

    @Test func transaction_whenCancelled_doesNotRunAgain() async throws {
        try await withTable { pool, schema in
            let attempts = Counter()
            let task = Task {
                try await pool.transaction { transaction in
                    if attempts.next() == 2 { withUnsafeCurrentTask { $0?.cancel() } }
                    _ = try? await transaction.execute(.write("select 1"))
                    throw DatabaseError(.deadlock)
                }
            }
            await #expect(throws: DatabaseError.self) { try await task.value }
            #expect(attempts.value == 2)
        }
    }

    @Test(arguments: ["40001", "40P01", "25006"])
    func write_whenItWasUndone_runsAgain(state: String) async throws {
        try await withTable { pool, schema async throws in
            // A rollback does not take the sequence back.
            let write = Statement.write(
                """
                update \(schema).rows
                set n = n + 1
                where id = 1 and case when nextval('\(schema).calls') = 1 then \(schema).fail($1) is null else true end
                """
            )
            #expect(try await pool.execute(write, [.text(state)]).affectedRows == 1)
            #expect(try await sum(pool, schema) == 1)
        }
    }

    @Test func sessionInATransaction_thatDoesNothing_isEnded_andTheTransactionRunsAgain() async throws {
        try await withTable { pool, schema in
            let attempts = Counter()
            try await pool.transaction { transaction in
                let pid: Int64? = try await transaction.execute(.read("select pg_backend_pid()")).first?.decode(0)
                _ = try await transaction.execute(.write("update \(schema).rows set n = n + 1"))
                guard attempts.next() == 1 else { return }
                // Every session has this deadline, only a longer one.
                _ = try await transaction.execute(.write("set local idle_in_transaction_session_timeout = '50ms'"))
                try await DatabaseFixture.eventually {
                    let others = Statement.read("select count(*) from pg_stat_activity where pid = $1")
                    return try await pool.execute(others, [.integer(pid ?? 0)]).first?.decode(0) == 0
                }
                // Nothing is held any more by who did nothing.
                _ = try await pool.execute(.write("update \(schema).rows set n = n + 10"))
                _ = try await transaction.execute(.read("select 1"))
            }
            #expect(attempts.value == 2)
            #expect(try await sum(pool, schema) == 22)
        }
    }
}
