// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Synchronization
import Testing

@Suite struct IdempotencyRepositoryTests {
    private static let expiry = Sample.now + .seconds(100)
    private static let key = Sample.hash(1)
    private static let fingerprint = Sample.hash(2)

    private func withKeys(
        _ body: (DatabasePool, TransactionalDatabase, PostgresIdempotencyRepository) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated(connections: 4) { pool in
            let database = TransactionalDatabase(pool: pool)
            try await body(pool, database, PostgresIdempotencyRepository(database: database))
        }
    }

    /// Takes the key for a request that is answered with `reply`; the answer that was there already, if any.
    private static func answer(
        _ reply: String,
        _ keys: PostgresIdempotencyRepository,
        fingerprint: [UInt8] = fingerprint,
        at instant: Timestamp = Sample.now
    ) async throws(DomainError) -> StoredReply? {
        let stored = try await keys.take(
            keyHash: key,
            fingerprint: fingerprint,
            at: instant,
            expiresAt: instant + .seconds(100)
        )
        if stored == nil { try await keys.store(reply, keyHash: key) }
        return stored
    }

    /// The same in a transaction of its own.
    private static func request(
        _ reply: String,
        _ database: TransactionalDatabase,
        fingerprint: [UInt8] = fingerprint,
        at instant: Timestamp = Sample.now
    ) async throws(DomainError) -> StoredReply? {
        let keys = PostgresIdempotencyRepository(database: database)
        return try await database.run { () async throws(DomainError) -> StoredReply? in
            try await answer(reply, keys, fingerprint: fingerprint, at: instant)
        }
    }

    @Test func take_theSecondTime_givesTheFirstAnswer() async throws {
        try await withKeys { _, database, _ async throws in
            let first = StoredReply(fingerprint: Self.fingerprint, sealedReply: "first")
            #expect(try await Self.request("first", database) == nil)
            #expect(try await Self.request("second", database) == first)
            #expect(try await Self.request("third", database, fingerprint: Sample.hash(3)) == first)
        }
    }

    @Test func take_afterARollback_isFree() async throws {
        try await withKeys { pool, database, keys async throws in
            let error = await domainError {
                try await database.run { () async throws(DomainError) in
                    _ = try await Self.answer("first", keys)
                    throw DomainError(.conflict, "no")
                }
            }
            #expect(error?.code == .conflict)
            #expect(try await pool.count("idempotency_keys") == 0)
            #expect(try await Self.request("second", database) == nil)
        }
    }

    @Test func take_whenTheAnswerExpired_isFree_andHasANewAnswer() async throws {
        try await withKeys { _, database, _ async throws in
            let other = Sample.hash(3)
            #expect(try await Self.request("first", database) == nil)
            let before = try await Self.request("second", database, at: Self.expiry - .milliseconds(1))
            #expect(before?.sealedReply == "first")
            #expect(try await Self.request("third", database, fingerprint: other, at: Self.expiry) == nil)
            let after = try await Self.request("fourth", database, at: Self.expiry)
            #expect(after == StoredReply(fingerprint: other, sealedReply: "third"))
        }
    }

    /// What a request gets that comes while another one, which ends as `ending` says, holds the key.
    private func answerWhileAnotherRuns(
        _ database: TransactionalDatabase,
        ending: DomainError?
    ) async throws -> StoredReply? {
        let keys = PostgresIdempotencyRepository(database: database)
        let second = Mutex<Task<StoredReply?, any Error>?>(nil)
        let error = await domainError {
            try await database.run { () async throws(DomainError) in
                _ = try await Self.answer("first", keys)
                // Detached, and so not a part of this transaction.
                let task = Task.detached { try await Self.request("second", database) }
                second.withLock { $0 = task }
                await #expect(throws: Never.self) {
                    try await DatabaseFixture.eventually { try await database.isWaitedFor() }
                }
                if let ending { throw ending }
            }
        }
        #expect(error?.code == ending?.code)
        return try await #require(second.withLock { $0 }).value
    }

    @Test func take_whileAnotherRequestHoldsIt_waits_andGivesThatAnswer() async throws {
        try await withKeys { _, database, _ async throws in
            #expect(try await answerWhileAnotherRuns(database, ending: nil)?.sealedReply == "first")
        }
    }

    @Test func take_whileAnotherRequestFails_waits_andIsFreeThen() async throws {
        try await withKeys { _, database, _ async throws in
            let failure = DomainError(.conflict, "no")
            #expect(try await answerWhileAnotherRuns(database, ending: failure) == nil)
        }
    }

    @Test func take_byFiftyAtOnce_oneRuns_andAllGetItsAnswer() async throws {
        try await withKeys { _, database, _ async throws in
            let replies = Mutex<[String]>([])
            let ran = try await successes(of: 50) { index in
                let stored = try await Self.request("\(index)", database)
                replies.withLock { $0.append(stored?.sealedReply ?? "\(index)") }
                return stored == nil
            }
            #expect(ran == 1)
            #expect(Set(replies.withLock { $0 }).count == 1)
        }
    }

    @Test func store_underAKeyThatWasNotTaken_fails() async throws {
        try await withKeys { _, _, keys async throws in
            let error = await domainError { try await keys.store("reply", keyHash: Self.key) }
            #expect(error?.code == .internal)
        }
    }

    @Test func removeExpired_removesThoseAlone() async throws {
        try await withKeys { pool, _, keys async throws in
            for (seed, second) in [(1, 10), (2, 20), (3, 30)] {
                _ = try await keys.take(
                    keyHash: Sample.hash(UInt8(seed)),
                    fingerprint: Self.fingerprint,
                    at: Sample.now,
                    expiresAt: Sample.now + .seconds(second)
                )
            }
            try await keys.removeExpired(before: Sample.now + .seconds(20))
            #expect(try await pool.count("idempotency_keys") == 2)
        }
    }
}
