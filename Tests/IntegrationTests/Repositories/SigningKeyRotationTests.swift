// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct SigningKeyRotationTests {
    /// A key that signs in an hour.
    private static func next(_ kid: String) -> SigningKeyRecord {
        SigningKeyRecord(
            kid: kid,
            wrappedPrivateKey: [4, 5, 6],
            createdAt: Sample.now,
            activatesAt: Sample.now + .seconds(3600),
            retiredAt: nil
        )
    }

    private func withFirst(
        connections: Int = 4,
        _ body: @Sendable (DatabasePool, PostgresSigningKeyRepository) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated(connections: connections) { pool in
            let keys = PostgresSigningKeyRepository(database: pool)
            #expect(try await keys.insertFirst(Sample.signingKey("first")))
            try await body(pool, keys)
        }
    }

    @Test func insertSuccessor_endsThePredecessorWhenItBegins() async throws {
        try await withFirst { _, keys async throws in
            let next = Self.next("second")
            #expect(try await keys.insertSuccessor(next, of: "first"))
            #expect(try await keys.all() == [Sample.signingKey("first", retiredAt: next.activatesAt), next])
        }
    }

    @Test func insertSuccessor_ofAKeyThatHasOneOrIsGone_storesNothing() async throws {
        try await withFirst { _, keys async throws in
            _ = try await keys.insertSuccessor(Self.next("second"), of: "first")
            let before = try await keys.all()
            #expect(try await !keys.insertSuccessor(Self.next("third"), of: "first"))
            #expect(try await !keys.insertSuccessor(Self.next("third"), of: "nobody"))
            #expect(try await keys.all() == before)
        }
    }

    @Test func insertSuccessor_twentyAtOnce_oneSucceeds() async throws {
        try await withFirst(connections: 20) { _, keys async throws in
            let stored = try await successes(of: 20) { index in
                try await keys.insertSuccessor(Self.next("key\(index)"), of: "first")
            }
            #expect(stored == 1)
            #expect(try await keys.all().count == 2)
        }
    }

    /// The lost update, without luck: the second statement begins before the first transaction has committed.
    @Test func insertSuccessor_whileAnotherIsNotCommitted_waitsAndStoresNothing() async throws {
        try await withFirst { pool, keys async throws in
            let second: Task<Bool, any Error> = try await pool.transaction { transaction in
                let inTransaction = PostgresSigningKeyRepository(database: transaction)
                #expect(try await inTransaction.insertSuccessor(Self.next("second"), of: "first"))
                let second = Task { try await keys.insertSuccessor(Self.next("third"), of: "first") }
                try await DatabaseFixture.eventually { try await transaction.isWaitedFor() }
                return second
            }
            #expect(try await !second.value)
            #expect(try await keys.all().map(\.kid) == ["first", "second"])
        }
    }

    @Test func replaceAll_leavesTheNewKeyAlone() async throws {
        try await withFirst { _, keys async throws in
            _ = try await keys.insertSuccessor(Self.next("second"), of: "first")
            #expect(try await keys.replaceAll(with: Sample.signingKey("third")))
            #expect(try await keys.all() == [Sample.signingKey("third")])
        }
    }

    @Test func replaceAll_ofNoKeys_storesIt() async throws {
        try await TestDatabase.withMigrated { pool async throws in
            let keys = PostgresSigningKeyRepository(database: pool)
            #expect(try await keys.replaceAll(with: Sample.signingKey("first")))
            #expect(try await keys.all().map(\.kid) == ["first"])
        }
    }

    /// Whoever comes second must not end with no key that signs, nor with two.
    @Test(arguments: ["a successor", "another replacement"])
    func replaceAll_whileAnotherChangeIsNotCommitted_changesNothing(change: String) async throws {
        try await withFirst { pool, keys async throws in
            let second: Task<Bool, any Error> = try await pool.transaction { transaction in
                let inTransaction = PostgresSigningKeyRepository(database: transaction)
                let isDone =
                    try await change == "a successor"
                    ? inTransaction.insertSuccessor(Self.next("second"), of: "first")
                    : inTransaction.replaceAll(with: Sample.signingKey("second"))
                #expect(isDone)
                let second = Task { try await keys.replaceAll(with: Sample.signingKey("third")) }
                try await DatabaseFixture.eventually { try await transaction.isWaitedFor() }
                return second
            }
            #expect(try await !second.value)
            #expect(try await keys.all().last?.kid == "second")
            #expect(try await keys.all().filter { $0.retiredAt == nil }.count == 1)
            #expect(try await keys.replaceAll(with: Sample.signingKey("third")))
            #expect(try await keys.all().map(\.kid) == ["third"])
        }
    }

    @Test func replaceAll_whileAllAreReplacedTwice_storesNothing() async throws {
        try await withFirst { pool, keys async throws in
            let third: Task<Bool, any Error> = try await pool.transaction { transaction in
                let inTransaction = PostgresSigningKeyRepository(database: transaction)
                #expect(try await inTransaction.replaceAll(with: Sample.signingKey("second")))
                let third = Task { try await keys.replaceAll(with: Sample.signingKey("third")) }
                try await DatabaseFixture.eventually { try await transaction.isWaitedFor() }
                // The number that the one that waits is about to take is free again by then.
                #expect(try await inTransaction.replaceAll(with: Sample.signingKey("fourth")))
                return third
            }
            #expect(try await !third.value)
            #expect(try await keys.all().map(\.kid) == ["fourth"])
        }
    }

    @Test func insertSuccessor_whileAllAreReplaced_storesNothing() async throws {
        try await withFirst { pool, keys async throws in
            let second: Task<Bool, any Error> = try await pool.transaction { transaction in
                let inTransaction = PostgresSigningKeyRepository(database: transaction)
                #expect(try await inTransaction.replaceAll(with: Sample.signingKey("second")))
                let second = Task { try await keys.insertSuccessor(Self.next("third"), of: "first") }
                try await DatabaseFixture.eventually { try await transaction.isWaitedFor() }
                return second
            }
            #expect(try await !second.value)
            #expect(try await keys.all().map(\.kid) == ["second"])
        }
    }

    @Test func changesOfEveryKind_twentyAtOnce_leaveExactlyOneNewestKey() async throws {
        try await withFirst(connections: 20) { _, keys async throws in
            _ = try await successes(of: 20) { index in
                switch index % 3 {
                case 0: try await keys.insertSuccessor(Self.next("key\(index)"), of: "first")
                case 1: try await keys.replaceAll(with: Sample.signingKey("key\(index)"))
                default: try await keys.insertFirst(Sample.signingKey("key\(index)"))
                }
            }
            let left = try await keys.all()
            #expect(left.filter { $0.retiredAt == nil }.count == 1)
            #expect(left.last?.retiredAt == nil)
        }
    }

    @Test func rewrap_whenItChangedMeanwhile_changesNothing() async throws {
        try await withFirst { _, keys async throws in
            try await keys.rewrap("first", from: [1, 2, 3], to: [7])
            #expect(try await keys.all().map(\.wrappedPrivateKey) == [[7]])
            try await keys.rewrap("first", from: [1, 2, 3], to: [8])
            #expect(try await keys.all().map(\.wrappedPrivateKey) == [[7]])
        }
    }

    @Test func remove_takesOnlyKeysThatRetiredByThen() async throws {
        try await withFirst { _, keys async throws in
            let next = Self.next("second")
            _ = try await keys.insertSuccessor(next, of: "first")
            try await keys.remove(retiredBy: next.activatesAt - .microseconds(1))
            #expect(try await keys.all().count == 2)
            try await keys.remove(retiredBy: next.activatesAt)
            #expect(try await keys.all() == [next])
        }
    }
}
