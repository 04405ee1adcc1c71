// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Synchronization
import Testing

@Suite struct TransactionalDatabaseTests {
    private typealias Parts = (
        pool: DatabasePool, database: TransactionalDatabase, roles: PostgresRoleRepository, role: Role
    )

    /// A migrated database with one role, which the tests write to.
    private func withRole(_ body: (Parts) async throws -> Void) async throws {
        try await TestDatabase.withMigrated(connections: 4) { pool in
            let database = TransactionalDatabase(pool: pool)
            let roles = PostgresRoleRepository(database: database)
            let role = Sample.role("counter")
            try await roles.create(role)
            try await body((pool, database, roles, role))
        }
    }

    private static func described(_ role: Role, _ description: String) -> Role {
        Role(
            id: role.id,
            name: role.name,
            description: description,
            permissions: role.permissions,
            createdAt: role.createdAt,
            updatedAt: role.updatedAt
        )
    }

    /// As if another transaction were in the way.
    private static let inTheWay = DomainError(.unavailable, "Try again.", cause: DatabaseError(.deadlock))
    private static let stop = DomainError(.conflict, "stop")

    @Test func run_whenTheBodyReturns_commitsWhatEveryRepositoryDid() async throws {
        try await withRole { parts async throws in
            let (pool, _, roles, role) = parts
            let users = PostgresUserRepository(database: parts.database)
            let ada = try Sample.user()
            let seen = try await parts.database.run { () async throws(DomainError) -> [Bool] in
                try await users.create(ada, roles: ["user"], linkedTo: nil)
                _ = try await roles.change(Self.described(role, "changed"))
                let inside = try await users.profile(of: ada.id) != nil
                let outside = try await PostgresUserRepository(database: pool).profile(of: ada.id) != nil
                return [inside, outside]
            }
            #expect(seen == [true, false])
            #expect(try await users.profile(of: ada.id) != nil)
            #expect(try await roles.find(role.id)?.description == "changed")
        }
    }

    /// Neither for an attempt that the server undid, nor for a body that throws.
    @Test(arguments: [true, false])
    func afterCommit_isDoneOnceTheOutermostTransactionHasCommitted(commits: Bool) async throws {
        try await withRole { parts async throws in
            let (_, database, roles, role) = parts
            let attempts = Mutex(0)
            let done = Mutex<[Int]>([])
            _ = await domainError {
                try await database.run { () async throws(DomainError) in
                    let attempt = attempts.withLock { attempts in
                        attempts += 1
                        return attempts
                    }
                    try await database.run { () async throws(DomainError) in
                        _ = try await roles.change(Self.described(role, "changed"))
                        database.afterCommit { done.withLock { $0.append(attempt) } }
                    }
                    #expect(done.withLock { $0 } == [])
                    if attempt == 1 { throw Self.inTheWay }
                    if !commits { throw Self.stop }
                }
            }
            #expect(attempts.withLock { $0 } == 2)
            #expect(done.withLock { $0 } == (commits ? [2] : []))
            database.afterCommit { done.withLock { $0.append(0) } }
            #expect(done.withLock { $0.last } == 0)
        }
    }

    @Test func run_whenTheBodyThrows_rollsBack_andThrowsTheSame() async throws {
        try await withRole { parts async throws in
            let (_, database, roles, role) = parts
            let error = await domainError {
                try await database.run { () async throws(DomainError) in
                    _ = try await roles.change(Self.described(role, "changed"))
                    throw Self.stop
                }
            }
            #expect(error?.detail == "stop")
            #expect(try await roles.find(role.id) == role)
        }
    }

    @Test func run_insideOfAnother_isAPartOfIt() async throws {
        try await withRole { parts async throws in
            let (_, database, roles, role) = parts
            let error = await domainError {
                try await database.run { () async throws(DomainError) in
                    try await database.runExclusively { () async throws(DomainError) in
                        _ = try await roles.change(Self.described(role, "changed"))
                    }
                    throw Self.stop
                }
            }
            #expect(error?.detail == "stop")
            #expect(try await roles.find(role.id) == role)
        }
    }

    @Test func run_withChildTasks_hasThemInTheTransaction() async throws {
        try await withRole { parts async throws in
            let (pool, database, roles, role) = parts
            let error = await domainError {
                try await database.run { () async throws(DomainError) in
                    await withTaskGroup(of: Void.self) { group in
                        for index in 0..<5 { group.addTask { try? await roles.create(Sample.role("child-\(index)")) } }
                    }
                    guard try await roles.find(names: ["child-0", "child-4"]).count == 2 else { return }
                    _ = try await roles.delete(role.id)
                    throw Self.stop
                }
            }
            #expect(error?.detail == "stop")
            #expect(try await pool.count("roles where name like 'child%' or name = 'counter'") == 1)
        }
    }

    @Test func run_whenTheDatabaseRefusedAStatement_cannotCommit() async throws {
        try await withRole { parts async throws in
            let (_, database, roles, role) = parts
            let error = await domainError {
                try await database.run { () async throws(DomainError) in
                    _ = try await roles.change(Self.described(role, "changed"))
                    try? await roles.create(Sample.role("counter"))
                }
            }
            #expect(error?.code == .internal)
            #expect(try await roles.find(role.id) == role)
        }
    }

    @Test func run_whenTheCommitIsNotAnswered_isUnavailable() async throws {
        try await withRole { parts async throws in
            let (pool, database, roles, _) = parts
            // A deferred trigger runs within COMMIT; this one ends the session there.
            for sql in [
                """
                create function fall() returns trigger language plpgsql as
                    $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$
                """,
                """
                create constraint trigger fall after insert on roles
                    deferrable initially deferred for each row execute function fall()
                """,
            ] { _ = try await pool.execute(.write(sql)) }
            let error = await domainError {
                try await database.run { () async throws(DomainError) in try await roles.create(Sample.role("last")) }
            }
            #expect(error?.code == .unavailable)
            #expect((error?.cause as? DatabaseError)?.code == .outcomeUnknown)
        }
    }

    @Test func run_onOneDatabase_leavesAnotherAlone() async throws {
        try await withRole { parts async throws in
            try await withRole { other async throws in
                let error = await domainError {
                    try await parts.database.run { () async throws(DomainError) in
                        _ = try await other.roles.change(Self.described(other.role, "changed"))
                        _ = try await parts.roles.change(Self.described(parts.role, "changed"))
                        throw Self.stop
                    }
                }
                #expect(error?.detail == "stop")
                #expect(try await other.roles.find(other.role.id)?.description == "changed")
                #expect(try await parts.roles.find(parts.role.id) == parts.role)
            }
        }
    }

    /// What a body leaves behind keeps the task-local value.
    @Test func aTaskThatOutlivesTheTransaction_isNotAPartOfIt() async throws {
        try await withRole { parts async throws in
            let (_, database, roles, role) = parts
            let (isOver, over) = AsyncStream.makeStream(of: Void.self)
            let straggler = try await database.run { () async throws(DomainError) in
                Task {
                    for await _ in isOver {}
                    // Alone, in a transaction of its own, and in one that fails: as if there had never been another.
                    try await roles.create(Sample.role("late-1"))
                    try await database.run { () async throws(DomainError) in
                        try await roles.create(Sample.role("late-2"))
                    }
                    try? await database.run { () async throws(DomainError) in
                        try await roles.create(Sample.role("late-3"))
                        throw Self.stop
                    }
                }
            }
            over.finish()
            try await straggler.value
            #expect(
                try await Set(roles.find(names: ["late-1", "late-2", "late-3"]).map(\.name)) == ["late-1", "late-2"]
            )
            #expect(try await roles.find(role.id) == role)
        }
    }

    /// Statements of tasks that nobody waits for, while the transaction ends: each is in it, or after it and alone.
    @Test func stragglers_neverReachAConnectionThatIsNotTheirs() async throws {
        try await withRole { parts async throws in
            let (pool, database, roles, _) = parts
            try await withThrowingTaskGroup(of: Void.self) { group in
                for round in 0..<40 {
                    let straggler = try await database.run { () async throws(DomainError) in
                        try await roles.create(Sample.role("round-\(round)"))
                        return Task {
                            for index in 0..<20 { try await roles.create(Sample.role("r\(round)-\(index)")) }
                        }
                    }
                    group.addTask { try await straggler.value }
                }
                try await group.waitForAll()
            }
            #expect(try await pool.count("roles where name like 'round-%'") == 40)
            #expect(try await pool.count("roles where name like 'r%-%'") == 40 + 800)
        }
    }

    @Test func run_manyAtOnce_leaveAConnectionForEverybodyElse() async throws {
        try await withRole { parts async throws in
            let (pool, database, roles, role) = parts
            let (mayEnd, end) = AsyncStream.makeStream(of: Void.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<20 {
                    group.addTask {
                        try await database.runExclusively { () async throws(DomainError) in
                            try await roles.create(Sample.role("role-\(index)"))
                            for await _ in mayEnd {}
                        }
                    }
                }
                // One holds the lock, two wait for it: all that four connections have room for.
                try await DatabaseFixture.eventually {
                    try await pool.count(
                        "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
                    ) == 2
                }
                #expect(try await roles.find(role.id) == role)
                end.finish()
                try await group.waitForAll()
            }
            #expect(try await pool.count("roles where name like 'role-%'") == 20)
        }
    }

    @Test(arguments: [false, true])
    func runExclusively_isAloneEverywhere(isNested: Bool) async throws {
        try await withRole { parts async throws in
            let (pool, _, roles, role) = parts
            let count = 40
            let done = try await successes(of: count) { _ in
                // One for each, as if each were on another worker.
                let worker = TransactionalDatabase(pool: pool)
                let increment: @Sendable () async throws(DomainError) -> Void = { () async throws(DomainError) in
                    let read = try await roles.find(role.id)
                    let number = read.flatMap { Int($0.description) } ?? 0
                    _ = try await roles.change(Self.described(role, "\(number + 1)"))
                }
                if isNested {
                    try await worker.run { () async throws(DomainError) in
                        try await worker.runExclusively(increment)
                    }
                } else {
                    try await worker.runExclusively(increment)
                }
                return true
            }
            #expect(done == count)
            #expect(try await roles.find(role.id)?.description == "\(count)")
        }
    }

    @Test func runExclusively_doesNotKeepOthersFromReferringToTheRole() async throws {
        try await withRole { parts async throws in
            let users = PostgresUserRepository(database: parts.pool)
            let ada = try Sample.user()
            _ = try await parts.database.runExclusively { () async throws(DomainError) in
                // On another connection: this would wait for ever if the lock were a stronger one.
                try await users.create(ada, roles: [BuiltIn.Role.admin], linkedTo: nil)
            }
            #expect(try await users.hasActiveUser(withRole: BuiltIn.Role.admin))
        }
    }

    @Test func run_whenNobodysTurnComes_isRefusedWhenItsTimeIsOver_howeverManyWait() async throws {
        try await TestDatabase.withMigrated(connections: 2) { pool in
            let patience = Duration.milliseconds(300)
            let database = TransactionalDatabase(pool: pool, patience: patience)
            // The only place is not given back before all have been answered.
            let error = await domainError {
                try await database.run { () async throws(DomainError) in
                    let start = ContinuousClock.now
                    let waits = await withTaskGroup(of: (DomainError?, Duration).self) { group in
                        for _ in 0..<100 {
                            group.addTask {
                                // Another task, since the children of a transaction's are in it.
                                let error = await Task.detached { await domainError { try await database.run {} } }
                                    .value
                                return (error, ContinuousClock.now - start)
                            }
                        }
                        return await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(waits.allSatisfy { $0.0?.code == .unavailable })
                    #expect(waits.allSatisfy { $0.1 >= patience && $0.1 < patience + .seconds(2) })
                }
            }
            #expect(error == nil)
            #expect(await domainError { try await database.run {} } == nil, "the place is free again")
        }
    }

    /// Those in line keep the order in which they came, and one whose turn comes in time is served.
    @Test func run_whenItsTurnComesInTime_isServed_whileOthersAreRefused() async throws {
        try await TestDatabase.withMigrated(connections: 2) { pool in
            let database = TransactionalDatabase(pool: pool, patience: .milliseconds(300))
            let (mayEnd, end) = AsyncStream.makeStream(of: Void.self)
            let (begins, begun) = AsyncStream.makeStream(of: Void.self)
            let first = Task.detached {
                await domainError {
                    try await database.run { () async throws(DomainError) in
                        begun.yield()
                        for await _ in mayEnd {}
                    }
                }
            }
            for await _ in begins { break }
            let late = await domainError { try await database.run {} }
            #expect((late?.cause as? DatabaseError)?.detail == "too many transactions are waiting")
            let next = Task.detached { await domainError { try await database.run {} } }
            end.finish()
            #expect(await first.value == nil)
            #expect(await next.value == nil)
        }
    }

    @Test func run_whenCancelledInTheLine_leavesItAtOnce() async throws {
        try await TestDatabase.withMigrated(connections: 2) { pool in
            let database = TransactionalDatabase(pool: pool)
            // One place, as one of two connections is left to others.
            let error = await domainError {
                try await database.run { () async throws(DomainError) in
                    let waiting = Task.detached { await domainError { try await database.run {} } }
                    waiting.cancel()
                    #expect(await waiting.value?.code == .unavailable)
                }
            }
            #expect(error == nil)
            #expect(await domainError { try await database.run {} } == nil, "the place is free again")
        }
    }
}
