// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import SharedMemory

/// Limits that all workers of the host count together, by a clock that never jumps.
package struct TableRateLimiter: RateLimiter {
    private let table: RateLimitTable
    private let evictions: Counter?

    /// Counts in `table`, and in `evictions` how many limits it forgot.
    package init(_ table: RateLimitTable, evictions: Counter?) {
        self.table = table
        self.evictions = evictions
    }

    /// Counts in the memory of `scoreboard`; without it, or room in it, for this process alone.
    ///
    /// - Throws: ``SystemCallError`` when there is no memory.
    init(_ scoreboard: WorkerScoreboard?) throws(SystemCallError) {
        let evictions = scoreboard?.metrics.counter(MetricName(.rateLimitEvictions))
        if let table = (scoreboard?.memory).flatMap(RateLimitTable.init) {
            self.init(table, evictions: evictions)
        } else {
            self.init(try RateLimitTable(ofProcess: RateLimitTable.usualSize), evictions: evictions)
        }
    }

    package func take(_ limit: RateLimit, of key: RateLimitKey) -> RateLimitDecision {
        decision(limit, key, counts: true)
    }

    package func peek(_ limit: RateLimit, of key: RateLimitKey) -> RateLimitDecision {
        decision(limit, key, counts: false)
    }

    private func decision(_ limit: RateLimit, _ key: RateLimitKey, counts: Bool) -> RateLimitDecision {
        let interval = limit.interval
        let nanoseconds = UInt64(max(1, interval / .nanoseconds(1)))
        let outcome = table.take(
            Array(key.kind.rawValue.utf8) + [0] + key.bytes,
            interval: nanoseconds,
            burst: UInt64(limit.count),
            now: UInt64(MonotonicTime.now().nanoseconds),
            counts: counts
        )
        if outcome.didEvict { evictions?.add() }
        let whole = nanoseconds * UInt64(limit.count)
        return RateLimitDecision(
            isAllowed: outcome.isAllowed,
            limit: limit.count,
            remaining: outcome.isAllowed ? Int((whole - outcome.resetAfter) / nanoseconds) : 0,
            resetAfter: .nanoseconds(Int64(outcome.resetAfter)),
            retryAfter: outcome.isAllowed ? .zero : .nanoseconds(Int64(outcome.resetAfter + nanoseconds - whole))
        )
    }
}
