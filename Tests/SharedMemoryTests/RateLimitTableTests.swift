// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import SharedMemory
import Testing

@Suite struct RateLimitTableTests {
    private static let second: UInt64 = 1_000_000_000
    private static let start = 1000 * second

    private static func shared() throws -> SharedMemory {
        try SharedMemory.create(slots: 1, rateLimitBytes: 1 << 16)
    }

    /// A table in which all keys share one bucket.
    private static func bucket() throws -> RateLimitTable {
        try RateLimitTable(ofProcess: 16 * RateLimitTable.bucketSize)
    }

    private static func key(_ number: Int) -> [UInt8] { Array("key \(number)".utf8) }

    private static func take(
        _ table: RateLimitTable,
        _ number: Int = 0,
        at now: UInt64 = start,
        burst: UInt64 = 3
    ) -> RateLimitTable.Outcome {
        table.take(key(number), interval: second, burst: burst, now: now)
    }

    @Test func take_whenTheBurstIsUsedUp_refusesUntilAnIntervalHasPassed() throws {
        let table = try Self.bucket()

        let first = (0..<4).map { _ in Self.take(table) }
        #expect(first.map(\.isAllowed) == [true, true, true, false])
        #expect(first.map(\.resetAfter) == [1, 2, 3, 3].map { $0 * Self.second })

        #expect(!Self.take(table, at: Self.start + Self.second - 1).isAllowed)
        #expect(Self.take(table, at: Self.start + Self.second).isAllowed)
        #expect(!Self.take(table, at: Self.start + Self.second).isAllowed)
        let rested = (0..<4).map { _ in Self.take(table, at: Self.start + 100 * Self.second) }
        #expect(rested.map(\.isAllowed) == [true, true, true, false])
    }

    @Test func take_whenItOnlyAsks_countsNothing() throws {
        let table = try Self.bucket()

        for _ in 0..<9 {
            #expect(table.take(Self.key(0), interval: Self.second, burst: 1, now: Self.start, counts: false).isAllowed)
        }

        #expect(Self.take(table, burst: 1).isAllowed)
        #expect(!table.take(Self.key(0), interval: Self.second, burst: 1, now: Self.start, counts: false).isAllowed)
    }

    @Test func take_ofManyKeys_countsEachByItself() throws {
        let table = try #require(try RateLimitTable(Self.shared()))

        for number in 0..<100 {
            #expect((0..<4).map { _ in Self.take(table, number).isAllowed } == [true, true, true, false])
        }
    }

    @Test func take_whenTheBucketIsFull_replacesTheOneThatCountedLeast() throws {
        let table = try Self.bucket()
        for number in 0..<RateLimitTable.bucketSize {
            for _ in 0..<(number == 5 ? 1 : 3) { #expect(Self.take(table, number).isAllowed) }
        }

        let newcomer = Self.take(table, 99)

        #expect(newcomer.isAllowed && newcomer.didEvict)
        for number in 0..<RateLimitTable.bucketSize where number != 5 {
            #expect(!Self.take(table, number).isAllowed)
        }
    }

    @Test func take_whenEntriesHaveHadTheirTime_reusesThem() throws {
        let table = try Self.bucket()
        for number in 0..<1000 {
            let outcome = Self.take(table, number, at: Self.start + UInt64(number) * Self.second)
            #expect(outcome.isAllowed && !outcome.didEvict)
        }
    }

    @Test func take_ofManyThreadsOverTwoMappings_allowsExactlyTheBurst() async throws {
        let memory = try Self.shared()
        let second = try SharedMemory(descriptor: dup(memory.descriptor))
        let tables = [try #require(RateLimitTable(memory)), try #require(RateLimitTable(second))]

        for round in 0..<200 {
            // Time goes on, so that the entries of earlier rounds come free and are taken over meanwhile.
            let now = Self.start + UInt64(round) * 40 * Self.second
            let allowed = await withTaskGroup(of: Int.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        (0..<300).count { _ in Self.take(tables[task % 2], round % 7, at: now, burst: 100).isAllowed }
                    }
                }
                return await group.reduce(0, +)
            }
            // Of the key of seven rounds before, all of the limit is there again.
            #expect(allowed == 100)
        }
    }

    @Test func take_ofManyThreadsInAFullBucket_losesNoCountOfAKeyThatIsUsedUp() async throws {
        let table = try Self.bucket()
        let allowed = await withTaskGroup(of: Int.self) { group in
            for task in 0..<8 {
                group.addTask {
                    var allowed = 0
                    for turn in 0..<2000 {
                        if Self.take(table, 0, burst: 1000).isAllowed { allowed += 1 }
                        // Others that count less come and go.
                        _ = Self.take(table, 1 + task * 2000 + turn)
                    }
                    return allowed
                }
            }
            return await group.reduce(0, +)
        }
        // At its first requests it is one of those that count least, and may be replaced.
        #expect((1000...1100).contains(allowed))
    }

    @Test func table_withoutRoom_isNone() throws {
        #expect(RateLimitTable(try SharedMemory.create(slots: 1, rateLimitBytes: 0)) == nil)
    }

    @Test func sipHash_ofTheReferenceVector_isWhatItsAuthorsPublish() {
        // "SipHash: a fast short-input PRF", appendix A.
        let key: (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
        #expect(SipHash.hash(Array(0..<15), key: key) == 0xa129_ca61_49be_45e5)
    }
}
