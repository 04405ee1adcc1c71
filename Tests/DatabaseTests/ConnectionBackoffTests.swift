// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

@Suite struct ConnectionBackoffTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000_000)

    /// The pauses after `count` failures one after another, in milliseconds.
    private func pauses(_ count: Int, jitter: Double) throws -> [Int64] {
        var backoff = ConnectionBackoff()
        var now = start
        return try (0..<count).map { _ in
            backoff.didFail(at: now, jitter: jitter)
            let next = try #require(backoff.notBefore)
            defer { now = next }
            return (next - now).milliseconds
        }
    }

    @Test func pause_doubles_butStaysShortWhileTheOutageIsNew() throws {
        let pauses = try pauses(30, jitter: 1)
        #expect(pauses.prefix(8) == [50, 100, 200, 400, 800, 1500, 1500, 1500])
        let firsts = pauses.prefix { $0 < 5000 }
        #expect(firsts.reduce(0, +) >= 30_000)
        #expect(firsts.dropLast().reduce(0, +) < 30_000)
        #expect(pauses.dropFirst(firsts.count).allSatisfy { $0 == 5000 })
    }

    @Test func pause_afterALastingSuccess_isShortAgain() throws {
        var backoff = ConnectionBackoff()
        backoff.didFail(at: start, jitter: 1)
        backoff.didConnect(at: start + .seconds(100))
        let next = start + .seconds(200)
        for number in 0..<8 { backoff.didFail(at: next + .seconds(2 * number), jitter: 1) }
        #expect(try #require(backoff.notBefore) == next + .seconds(14) + .milliseconds(1500))
    }

    @Test func pause_isThePartOfTheIntervalThatChanceSays() throws {
        #expect(try pauses(4, jitter: 0.5) == [25, 50, 100, 200])
        #expect(try pauses(4, jitter: 0) == [0, 0, 0, 0])
    }

    @Test func attempt_isAllowedAtOnceAndAfterThePause() {
        var backoff = ConnectionBackoff()
        #expect(backoff.allowsAttempt(at: start))
        backoff.didFail(at: start, jitter: 1)
        #expect(!backoff.allowsAttempt(at: start + .milliseconds(49)))
        #expect(backoff.allowsAttempt(at: start + .milliseconds(50)))
    }

    @Test func failure_duringThePause_isTheSameTrouble() {
        var backoff = ConnectionBackoff()
        backoff.didFail(at: start, jitter: 1)
        backoff.didFail(at: start + .milliseconds(1), jitter: 1)
        #expect(backoff.failures == 1)
    }

    @Test func success_opensTheGateButForgivesOnlyALastingOne() {
        var backoff = ConnectionBackoff()
        backoff.didFail(at: start, jitter: 1)
        backoff.didConnect(at: start)
        #expect(backoff.allowsAttempt(at: start))
        backoff.didFail(at: start + .milliseconds(1), jitter: 1)
        #expect(backoff.failures == 2)

        backoff.didConnect(at: start + .seconds(1))
        backoff.didFail(at: start + .seconds(7), jitter: 1)
        #expect(backoff.failures == 1)
    }
}
