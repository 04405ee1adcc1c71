// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Glibc
import Synchronization
import Testing

@Suite struct DatabaseOutageTests {
    private static let one = Statement.read("select 1")

    private func works(_ pool: DatabasePool) async -> Bool {
        (try? await pool.execute(Self.one))?.count == 1
    }

    private func sessions(_ name: String) throws -> Int? {
        try DatabaseFixture.blockingConnection().execute(
            .read("select count(*) from pg_stat_activity where application_name = $1"),
            [.text(name)]
        ).first?.decode(0)
    }

    private func sleepers(_ name: String) throws -> Int {
        try DatabaseFixture.blockingConnection().execute(
            .read("select 1 from pg_stat_activity where application_name = $1 and wait_event = 'PgSleep'"),
            [.text(name)]
        ).count
    }

    @Test func execute_whenStatementIsSlow_timesOutAndThePoolGoesOn() async throws {
        try await DatabaseFixture.withPool {
            $0.statementTimeout = .milliseconds(300)
        } _: { pool in
            let start = MonotonicTime.now()
            let error = await databaseError { _ = try await pool.execute(.read("select pg_sleep(20)")) }
            #expect(error?.code == .timeout)
            #expect(MonotonicTime.now() - start < .seconds(5))
            for _ in 0..<20 { #expect(await works(pool)) }
        }
    }

    @Test func execute_whenOneConnectionIsSlow_goesToAnother() async throws {
        let name = "slow_\(UInt64.random(in: .min ... .max))"
        try await DatabaseFixture.withPool {
            $0.applicationName = name
        } _: { pool in
            // Two transactions at once: both connections are up.
            try await pool.transaction { _ in try await pool.transaction { _ in } }
            async let slow = databaseError { _ = try await pool.execute(.read("select pg_sleep(15)")) }
            try await DatabaseFixture.eventually { try sleepers(name) == 1 }
            for _ in 0..<20 { _ = try await pool.execute(Self.one) }
            // Nobody has waited for it, and nobody needs it any more.
            #expect(try sleepers(name) == 1)
            _ = try DatabaseFixture.blockingConnection().execute(
                .read("select pg_cancel_backend(pid) from pg_stat_activity where application_name = $1"),
                [.text(name)]
            )
            #expect(await slow?.code == .timeout)
        }
    }

    /// Holds the thread up, once, when it is told of an answer.
    private final class SlowObserver: DatabaseObserver {
        private let pause = Mutex<UInt32?>(nil)

        func holdUp(microseconds: UInt32) { pause.withLock { $0 = microseconds } }

        func turned(_ status: PoolStatus) {}

        func finished(_ operation: DatabaseOperation, nanoseconds: Int64) {
            if let pause = pause.withLock({ $0.take() }) { usleep(pause) }
        }

        func sent(_ statements: Int) {}
    }

    @Test func execute_whenThePoolItselfIsHeldUp_takesAnAnswerThatCameInTime() async throws {
        let name = "held_up_\(UInt64.random(in: .min ... .max))"
        let pool = try DatabaseFixture.pool {
            $0.applicationName = name
            $0.statementTimeout = .seconds(1)
        }
        let observer = SlowObserver()
        try pool.start(observer: observer)
        try #require(await pool.waitUntilConnected(timeout: .seconds(10)))
        // Two transactions at once: both connections are up.
        try await pool.transaction { _ in try await pool.transaction { _ in } }
        async let slow = pool.execute(.read("select pg_sleep(0.6)"), [])
        try await DatabaseFixture.eventually { try sleepers(name) == 1 }
        observer.holdUp(microseconds: 1_500_000)
        #expect(await works(pool))
        #expect(try await slow.count == 1)
        await pool.shutdown()
    }

    @Test func pool_whenAllSessionsAreTerminated_recovers() async throws {
        let name = "terminated_\(UInt64.random(in: .min ... .max))"
        try await DatabaseFixture.withPool {
            $0.applicationName = name
            $0.connections = 4
        } _: { pool in
            try await DatabaseFixture.eventually { try sessions(name) == 4 }
            _ = try DatabaseFixture.blockingConnection().execute(
                .write("select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1"),
                [.text(name)]
            )
            try await DatabaseFixture.eventually { await works(pool) }
            try await DatabaseFixture.eventually { try sessions(name) == 4 }
        }
    }

    @Test func pool_whenOneSessionIsTerminated_replacesAll() async throws {
        let name = "suspect_\(UInt64.random(in: .min ... .max))"
        try await DatabaseFixture.withPool {
            $0.applicationName = name
            $0.connections = 3
        } _: { pool in
            let sessions = {
                try DatabaseFixture.blockingConnection().execute(
                    .read("select pid from pg_stat_activity where application_name = $1"),
                    [.text(name)]
                ).rows.map { try $0.decode(0, as: Int64.self) }
            }
            // Three transactions at once: all connections are up.
            try await pool.transaction { _ in
                try await pool.transaction { _ in try await pool.transaction { _ in } }
            }
            let before = try sessions()
            #expect(before.count == 3)
            _ = await databaseError {
                _ = try await pool.execute(.write("select pg_terminate_backend(pg_backend_pid())"))
            }
            try await DatabaseFixture.eventually {
                let after = try sessions()
                return after.count == 3 && Set(after).isDisjoint(with: before)
            }
        }
    }

    @Test func pool_whenAConnectionDoesNotAnswer_replacesIt_withoutBeingAskedForAnything() async throws {
        let name = "idle_\(UInt64.random(in: .min ... .max))"
        try await DatabaseFixture.withPool {
            $0.applicationName = name
            $0.connections = 1
            $0.statementTimeout = .milliseconds(300)
            // So that the server knows of no deadline.
            $0.preparesStatements = false
        } _: { pool in
            let error = await databaseError { _ = try await pool.execute(.read("select pg_sleep(1)")) }
            #expect(error?.code == .timeout)
            try await DatabaseFixture.eventually { pool.isConnected }
        }
    }

    @Test func execute_whenServerIsReadOnly_replacesAllConnections() async throws {
        let name = "readonly_\(UInt64.random(in: .min ... .max))"
        try await DatabaseFixture.withPool {
            $0.applicationName = name
        } _: { pool in
            let before = try await pool.execute(.read("select pg_backend_pid()")).first?.decode(0, as: Int.self)
            let error = await databaseError {
                try await pool.transaction { transaction in
                    _ = try await transaction.execute(.write("set transaction read only"))
                    _ = try await transaction.execute(.write("create table public.never (a int)"))
                }
            }
            #expect(error?.code == .unavailable)
            #expect(error?.sqlState == .readOnlyTransaction)
            try await DatabaseFixture.eventually {
                let row = try await pool.execute(.read("select pg_backend_pid()")).first
                return try row?.decode(0, as: Int.self) != before
            }
        }
    }

    @Test func pool_whenServerIsDown_refusesInTimeAndRecovers() async throws {
        let settings = try DatabaseFixture.blockingConnection().execute(
            .read("select split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port')")
        ).first
        let directory = try #require(try settings?.decode(0, as: String.self))
        let port = try #require(try settings?.decode(1, as: String.self))

        var template = Array("/tmp/postern-tests-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        let socket = "\(folder)/.s.PGSQL.\(port)"
        defer {
            unlink(socket)
            rmdir(folder)
        }
        let string = try DatabaseFixture.connectionString("host", folder)
        let pool = try DatabaseFixture.pool {
            $0.connectionString = Redacted(string)
            $0.acquireTimeout = .milliseconds(300)
        }
        try pool.start()
        // Without the limit it would wait for the server, which comes only afterwards.
        let error = await databaseError { _ = try await pool.execute(Self.one) }
        #expect(error?.code == .unavailable)
        #expect(!pool.isConnected)
        #expect(await !pool.waitUntilConnected(timeout: .milliseconds(50)))

        #expect(symlink("\(directory)/.s.PGSQL.\(port)", socket) == 0)
        #expect(await pool.waitUntilConnected(timeout: .seconds(10)))
        #expect(pool.isConnected)
        #expect(await works(pool))
        await pool.shutdown()
        #expect(await databaseError { _ = try await pool.execute(Self.one) }?.code == .unavailable)
    }

    @Test func execute_whenCancelledInTheQueue_isCancelled() async throws {
        try await DatabaseFixture.withPool {
            $0.connections = 1
            $0.acquireTimeout = .seconds(30)
        } _: { pool in
            try await pool.transaction { transaction in
                let waiting = Task { try await pool.execute(Self.one) }
                _ = try await transaction.execute(Self.one)
                waiting.cancel()
                let error = await databaseError { _ = try await waiting.value }
                #expect(error?.code == .cancelled)
            }
        }
    }

    @Test func shutdown_whenQueriesAreOnTheirWay_answersThemAll() async throws {
        let pool = try DatabaseFixture.pool()
        try pool.start()
        try #require(await pool.waitUntilConnected(timeout: .seconds(10)))
        let codes = await withTaskGroup(of: DatabaseError.Code?.self) { group in
            for _ in 0..<100 {
                group.addTask { await databaseError { _ = try await pool.execute(.read("select pg_sleep(3)")) }?.code }
            }
            await Task.yield()
            await pool.shutdown()
            return await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(codes == [.unavailable])
    }

    @Test func start_whenConnectionStringIsMalformed_throwsWithoutRepeatingIt() async throws {
        let pool = try DatabaseFixture.pool { $0.connectionString = Redacted("host=localhost password=s3 cret") }
        let error = await databaseError { try pool.start() }
        #expect(error?.code == .malformedConnectionString)
        #expect(!String(reflecting: error).contains("cret"))
    }
}
