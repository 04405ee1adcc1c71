// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

/// What becomes of statements whose connection breaks before they are answered.
@Suite struct DatabaseRepetitionTests {
    private let name = "broken_\(UInt64.random(in: .min ... .max))"

    private func withPool(_ body: (DatabasePool) async throws -> Void) async throws {
        try await DatabaseFixture.withPool {
            $0.applicationName = name
            $0.acquireTimeout = .seconds(1)
        } _: { pool in
            try await body(pool)
        }
    }

    /// Ends the session that sleeps, as soon as there is one.
    private func terminateTheSleeping() async throws {
        try await DatabaseFixture.eventually {
            try DatabaseFixture.blockingConnection().execute(
                .write(
                    """
                    select pg_terminate_backend(pid) from pg_stat_activity
                    where application_name = $1 and wait_event in ('PgSleep', 'transactionid', 'relation')
                    """
                ),
                [.text(name)]
            ).count == 1
        }
    }

    @Test func read_whenItsConnectionBreaks_isRunOnceMore() async throws {
        try await withPool { pool in
            async let answer = pool.execute(.read("select pg_sleep(2)"))
            try await terminateTheSleeping()
            #expect(try await answer.count == 1)
        }
    }

    @Test func read_whenItsConnectionBreaksAgain_isUnavailable() async throws {
        try await withPool { pool in
            async let error = databaseError { _ = try await pool.execute(.read("select pg_sleep(3)")) }
            try await terminateTheSleeping()
            try await terminateTheSleeping()
            #expect(await error?.code == .unavailable)
        }
    }

    @Test func read_whenItIsRunOnceMore_getsNoMoreTime() async throws {
        try await DatabaseFixture.withPool {
            $0.applicationName = name
            $0.acquireTimeout = .seconds(1)
            $0.statementTimeout = .seconds(4)
        } _: { pool in
            async let error = databaseError { _ = try await pool.execute(.read("select pg_sleep(3)")) }
            // What is left of its time is less than it takes.
            try await Task.sleep(for: .milliseconds(1500))
            try await terminateTheSleeping()
            #expect(await error?.code == .timeout)
        }
    }

    @Test func read_thatCameBack_waitsNoLongerThanItsTime_andCostsNoConnection() async throws {
        let pool = try DatabaseFixture.pool {
            $0.connections = 1
            $0.statementTimeout = .seconds(2)
            $0.acquireTimeout = .seconds(30)
        }
        let witness = PoolWitness()
        try pool.start(observer: witness)
        try #require(await pool.waitUntilConnected(timeout: .seconds(10)))
        let pid = Statement.read("select pg_backend_pid()")
        let before = try await pool.execute(pid).first?.decode(0, as: Int.self)

        // In one group, so that the second comes back when the first fails; then somebody has the connection.
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        async let holder: Void = pool.transaction { _ in for await _ in gate {} }
        try await DatabaseFixture.eventually { witness.busy == 1 }
        async let failing = databaseError { _ = try await pool.execute(.read("select 1 / 0 from pg_sleep(0.2)")) }
        try await DatabaseFixture.eventually { witness.waiting == 1 }
        async let returned = databaseError { _ = try await pool.execute(.read("select 2")) }
        try await DatabaseFixture.eventually { witness.waiting == 2 }
        let (secondGate, secondOpener) = AsyncStream.makeStream(of: Void.self)
        async let secondHolder: Void = pool.transaction { _ in for await _ in secondGate {} }
        try await DatabaseFixture.eventually { witness.waiting == 3 }
        opener.finish()

        #expect(await failing?.code == .invalidParameter)
        #expect(await returned?.code == .timeout)
        secondOpener.finish()
        try await holder
        try await secondHolder
        #expect(try await pool.execute(pid).first?.decode(0, as: Int.self) == before)
        await pool.shutdown()
    }

    @Test func write_whenItsConnectionBreaks_isNotRepeated() async throws {
        try await DatabaseFixture.withSchema { schema in
            try DatabaseFixture.blockingConnection().execute(script: "create table \(schema).t (a int)")
            try await withPool { pool in
                let insert = Statement.write("insert into \(schema).t select 1 from pg_sleep(2)")
                async let error = databaseError { _ = try await pool.execute(insert) }
                try await terminateTheSleeping()
                #expect(await error?.code == .outcomeUnknown)
                let rows = try await pool.execute(.read("select count(*) from \(schema).t")).first
                #expect(try rows?.decode(0, as: Int.self) == 0)
            }
        }
    }

    @Test func transaction_whenItsConnectionBreaksBeforeAnyStatement_beginsOnAnother() async throws {
        try await withPool { pool in
            // Its connection is ended while the BEGIN waits behind the sleeper, on both connections.
            async let first = databaseError { _ = try await pool.execute(.write("select pg_sleep(3)")) }
            async let second = databaseError { _ = try await pool.execute(.write("select pg_sleep(3)")) }
            try await DatabaseFixture.eventually {
                try DatabaseFixture.blockingConnection().execute(
                    .read("select 1 from pg_stat_activity where application_name = $1 and wait_event = 'PgSleep'"),
                    [.text(name)]
                ).count == 2
            }
            async let value = pool.transaction { transaction in
                try await transaction.execute(.read("select 7")).first?.decode(0, as: Int.self)
            }
            // A statement that goes the same way, so that the BEGIN has gone before.
            async let marker = databaseError { _ = try await pool.execute(.write("select 1")) }
            try await Task.sleep(for: .milliseconds(100))
            _ = try DatabaseFixture.blockingConnection().execute(
                .write("select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1"),
                [.text(name)]
            )
            #expect(try await value == 7)
            #expect(
                await [first, second, marker].compactMap { $0?.code } == Array(repeating: .outcomeUnknown, count: 3)
            )
        }
    }
}
