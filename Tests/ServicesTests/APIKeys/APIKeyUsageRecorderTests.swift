// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct APIKeyUsageRecorderTests {
    private let repository = InMemoryAPIKeyRepository(store: InMemoryStore())
    private let usage: APIKeyUsageRecorder
    private let now = Timestamp(seconds: 1_800_000_000)

    init() {
        usage = APIKeyUsageRecorder(apiKeys: repository, logger: Installation.logger)
    }

    @Test func flush_writesCountAndLatestUseOfEachKeyOnce() async {
        let (first, second) = (Identifier<APIKey>.make(at: now), Identifier<APIKey>.make(at: now))
        usage.record(first, at: now)
        usage.record(first, at: now + .seconds(2))
        usage.record(first, at: now + .seconds(1))
        usage.record(second, at: now)
        await usage.flush()
        await usage.flush()

        #expect(repository.batches.count == 1)
        #expect(
            Set(repository.batches.joined()) == [
                APIKeyUse(id: first, count: 3, usedAt: now + .seconds(2)),
                APIKeyUse(id: second, count: 1, usedAt: now),
            ]
        )
    }

    @Test func flush_whenNothingWasUsed_writesNothing() async {
        await usage.flush()
        #expect(repository.batches.isEmpty)
    }

    @Test func flush_ofWhatIsDue_writesABusyKeyInEverySixthBatch() async {
        let key = Identifier<APIKey>.make(at: now)
        for second in 0..<13 {
            usage.record(key, at: now + .seconds(second))
            await usage.flush(everything: false)
        }
        #expect(
            repository.batches == [
                [APIKeyUse(id: key, count: 1, usedAt: now)],
                [APIKeyUse(id: key, count: 6, usedAt: now + .seconds(6))],
                [APIKeyUse(id: key, count: 6, usedAt: now + .seconds(12))],
            ]
        )
    }

    @Test func flush_ofWhatIsDue_writesOtherKeysMeanwhile_andAllAtTheEnd() async {
        let (busy, other) = (Identifier<APIKey>.make(at: now), Identifier<APIKey>.make(at: now))
        usage.record(busy, at: now)
        await usage.flush(everything: false)
        usage.record(busy, at: now)
        usage.record(other, at: now)
        await usage.flush(everything: false)
        #expect(repository.batches.last == [APIKeyUse(id: other, count: 1, usedAt: now)])
        await usage.flush()
        #expect(repository.batches.last == [APIKeyUse(id: busy, count: 1, usedAt: now)])
        #expect(repository.batches.count == 3)
    }

    @Test func flush_ofAKeyThatIsNotUsedAnyMore_writesItOnce() async {
        let key = Identifier<APIKey>.make(at: now)
        usage.record(key, at: now)
        for _ in 0..<(3 * APIKeyUsageRecorder.pause) { await usage.flush(everything: false) }
        #expect(repository.batches.count == 1)
        usage.record(key, at: now)
        await usage.flush(everything: false)
        #expect(repository.batches.count == 2)
    }

    @Test func flush_whenItCannotWrite_keepsTheUses() async {
        let key = Identifier<APIKey>.make(at: now)
        usage.record(key, at: now)
        repository.outage.begin()
        await usage.flush()
        #expect(repository.batches.isEmpty)

        repository.outage.end()
        await usage.flush(everything: false)
        #expect(repository.batches == [[APIKeyUse(id: key, count: 1, usedAt: now)]])
    }

    @Test func flush_whenTheKeyIsUsedDuringAFailedWrite_keepsBothUses() async {
        let key = Identifier<APIKey>.make(at: now)
        usage.record(key, at: now)
        repository.outage.begin()
        repository.duringNextRecord { [usage, now] in usage.record(key, at: now + .seconds(1)) }
        await usage.flush()

        repository.outage.end()
        await usage.flush()
        #expect(repository.batches == [[APIKeyUse(id: key, count: 2, usedAt: now + .seconds(1))]])
    }

    @Test func flush_whenTheKeyIsUsedDuringAWrite_writesThatUseTheNextTime() async {
        let key = Identifier<APIKey>.make(at: now)
        usage.record(key, at: now)
        repository.duringNextRecord { [usage, now] in usage.record(key, at: now + .seconds(1)) }
        await usage.flush()
        await usage.flush()
        #expect(repository.batches.joined().map(\.count) == [1, 1])
    }

    /// What a worker does at its end, while the task that flushes is cancelled in the middle of it.
    @Test func flush_whileAnotherOneIsCancelled_leavesNothingBehind() async {
        let key = Identifier<APIKey>.make(at: now)
        usage.record(key, at: now)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        repository.holdNextRecord {
            start.finish()
            for await _ in released {}
            return !Task.isCancelled
        }
        let first = Task { [usage] in await usage.flush(everything: false) }
        for await _ in started {}
        first.cancel()
        async let last: Void = usage.flush()
        // It would be over by now if it did not wait.
        for _ in 0..<1000 { await Task.yield() }
        release.finish()
        await last
        await first.value
        #expect(repository.batches == [[APIKeyUse(id: key, count: 1, usedAt: now)]])
    }

    @Test func record_ofVeryManyKeys_forgetsTheLastButStillUpdatesTheFirst() async throws {
        let first = Identifier<APIKey>.make(at: now)
        usage.record(first, at: now)
        for _ in 0..<100_000 { usage.record(.make(at: now), at: now) }
        usage.record(first, at: now + .seconds(1))
        await usage.flush()

        let batch = try #require(repository.batches.first)
        #expect(batch.count == 100_000)
        #expect(batch.contains(APIKeyUse(id: first, count: 2, usedAt: now + .seconds(1))))
    }
}
