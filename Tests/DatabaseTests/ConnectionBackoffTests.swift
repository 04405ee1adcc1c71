// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@testable import Database

@Suite struct ConnectionBackoffTests {
    /// Always the upper end of a range.
    private struct Greatest: RandomNumberGenerator {
        func next() -> UInt64 { .max }
    }

    private let start = MonotonicTime(nanoseconds: 1_000_000_000_000)
    private var greatest = Greatest()

    /// The pauses after `count` failures one after another, in milliseconds.
    private func pauses(_ count: Int, using generator: inout some RandomNumberGenerator) throws -> [Int64] {
        var backoff = ConnectionBackoff()
        var now = start
        return try (0..<count).map { _ in
            backoff.didFail(at: now, using: &generator)
            let next = try #require(backoff.notBefore)
            defer { now = next }
            return (next - now).milliseconds
        }
    }

    @Test func pause_atMost_doublesUpToFiveSeconds() throws {
        var generator = Greatest()
        let pauses = try pauses(10, using: &generator)
        #expect(pauses == [50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
    }

    @Test func pause_isRandom() throws {
        var generator = SystemRandomNumberGenerator()
        let longest = try (0..<20).map { _ in try pauses(8, using: &generator)[7] }
        #expect(Set(longest).count > 10)
        #expect(longest.allSatisfy { (0...5000).contains($0) })
    }

    @Test func attempt_isAllowedAtOnceAndAfterThePause() {
        var backoff = ConnectionBackoff()
        var generator = Greatest()
        #expect(backoff.allowsAttempt(at: start))
        backoff.didFail(at: start, using: &generator)
        #expect(!backoff.allowsAttempt(at: start + .milliseconds(49)))
        #expect(backoff.allowsAttempt(at: start + .milliseconds(50)))
    }

    @Test func failure_duringThePause_isTheSameTrouble() {
        var backoff = ConnectionBackoff()
        var generator = Greatest()
        backoff.didFail(at: start, using: &generator)
        backoff.didFail(at: start + .milliseconds(1), using: &generator)
        #expect(backoff.failures == 1)
    }

    @Test func success_opensTheGateButForgivesOnlyALastingOne() {
        var backoff = ConnectionBackoff()
        var generator = Greatest()
        backoff.didFail(at: start, using: &generator)
        backoff.didConnect(at: start)
        #expect(backoff.allowsAttempt(at: start))
        backoff.didFail(at: start + .milliseconds(1), using: &generator)
        #expect(backoff.failures == 2)

        backoff.didConnect(at: start + .seconds(1))
        backoff.didFail(at: start + .seconds(7), using: &generator)
        #expect(backoff.failures == 1)
    }
}
