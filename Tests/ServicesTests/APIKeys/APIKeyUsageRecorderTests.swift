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

    @Test func flush_writesTheLatestUseOfEachKeyOnce() async {
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
                APIKeyUse(id: first, usedAt: now + .seconds(2)), APIKeyUse(id: second, usedAt: now),
            ]
        )
    }

    @Test func flush_whenNothingWasUsed_writesNothing() async {
        await usage.flush()
        #expect(repository.batches.isEmpty)
    }

    @Test func flush_whenItCannotWrite_keepsTheUses() async {
        let key = Identifier<APIKey>.make(at: now)
        usage.record(key, at: now)
        repository.outage.begin()
        await usage.flush()
        #expect(repository.batches.isEmpty)

        repository.outage.end()
        await usage.flush()
        #expect(repository.batches == [[APIKeyUse(id: key, usedAt: now)]])
    }

    @Test func flush_whenTheKeyIsUsedDuringAFailedWrite_keepsTheLaterUse() async {
        let key = Identifier<APIKey>.make(at: now)
        usage.record(key, at: now)
        repository.outage.begin()
        repository.duringNextRecord { [usage, now] in usage.record(key, at: now + .seconds(1)) }
        await usage.flush()

        repository.outage.end()
        await usage.flush()
        #expect(repository.batches == [[APIKeyUse(id: key, usedAt: now + .seconds(1))]])
    }

    @Test func record_ofVeryManyKeys_forgetsTheLastButStillUpdatesTheFirst() async throws {
        let first = Identifier<APIKey>.make(at: now)
        usage.record(first, at: now)
        for _ in 0..<100_000 { usage.record(.make(at: now), at: now) }
        usage.record(first, at: now + .seconds(1))
        await usage.flush()

        let batch = try #require(repository.batches.first)
        #expect(batch.count == 100_000)
        #expect(batch.contains(APIKeyUse(id: first, usedAt: now + .seconds(1))))
    }
}
