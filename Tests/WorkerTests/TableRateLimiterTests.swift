// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import SharedMemory
import Testing
import Worker

@Suite struct TableRateLimiterTests {
    @Test func take_whenThereIsNoRoom_countsTheLimitThatIsForgotten() throws {
        // One bucket: room for eight keys.
        let memory = try SharedMemory.create(slots: 1, rateLimitBytes: 16 * RateLimitTable.bucketSize)
        let evictions = SlotMetrics(memory, slot: memory.slot(0)).counter(MetricName(.rateLimitEvictions))
        let limiter = TableRateLimiter(try #require(RateLimitTable(memory)), evictions: evictions)
        let limit = RateLimit(count: 2, per: .seconds(3600))
        for number in 0..<RateLimitTable.bucketSize { _ = limiter.take(limit, of: key(number)) }
        #expect(evictions.value == 0)
        _ = limiter.peek(limit, of: key(100))
        #expect(evictions.value == 0)
        _ = limiter.take(limit, of: key(100))
        #expect(evictions.value == 1)
    }

    private func key(_ number: Int) -> RateLimitKey {
        RateLimitKey(.user, [UInt8(number)])
    }
}
