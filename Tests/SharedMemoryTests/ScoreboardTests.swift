// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import SharedMemory
import Testing

struct ScoreboardTests {
    private let memory: SharedMemory
    private let name = MetricName(.tokensIssued, ["grant": "refresh_token"])

    init() throws {
        memory = try SharedMemory.create(slots: 2, rateLimitBytes: 0)
    }

    private func metrics(_ slot: Int) -> SlotMetrics {
        SlotMetrics(memory, slot: memory.slot(slot))
    }

    @Test
    func counter_whenManyThreadsAdd_losesNothing() async throws {
        let other = try SharedMemory(descriptor: dup(memory.descriptor))
        let counters = [
            metrics(0).counter(name), metrics(1).counter(name), SlotMetrics(other, slot: other.slot(1)).counter(name),
        ]
        await withTaskGroup(of: Void.self) { group in
            for counter in counters {
                for _ in 0..<4 { group.addTask { for _ in 0..<10_000 { counter.add() } } }
            }
        }
        #expect(ScoreboardSnapshot(memory).counters[name] == 120_000)
    }

    @Test
    func clearGauges_keepsWhatWasCounted_andForgetsTheWorker() {
        let slot = memory.slot(0)
        slot.prepare(generation: 3, at: MonotonicTime(nanoseconds: 5))
        slot.pid = 42
        slot.beat(.database)
        slot.raise(.requestsInFlight)
        _ = slot.runningRequests.begin(id: "r", at: MonotonicTime(nanoseconds: 6))
        metrics(0).counter(name).add(3)
        metrics(0).histogram(.requests(method: "GET", route: "/", status: 200)).record(nanoseconds: 1)
        slot.clearGauges()
        let snapshot = ScoreboardSnapshot(memory)
        #expect(slot.pid == 0 && slot.state == .empty && slot.startedAt == nil && slot.heartbeat(.database) == nil)
        #expect(slot[.requestsInFlight] == 0 && slot.runningRequests.oldest() == nil)
        #expect(snapshot.counters[name] == 3 && snapshot.requests == 1 && snapshot.workers.isEmpty)
    }

    @Test
    func snapshot_showsTheWorker_andItsOldestRequest() throws {
        let slot = memory.slot(1)
        slot.prepare(generation: 3, at: MonotonicTime(nanoseconds: 5))
        slot.pid = 42
        let operation = try #require(metrics(1).operation("GET /slow"))
        let first = try #require(slot.runningRequests.begin(id: "first", at: MonotonicTime(nanoseconds: 10)))
        let second = try #require(slot.runningRequests.begin(id: "second", at: MonotonicTime(nanoseconds: 20)))
        slot.runningRequests.setOperation(operation, ofRow: second)
        #expect(ScoreboardSnapshot(memory).workers.first?.oldestRequest?.id == "first")
        slot.runningRequests.end(row: first)
        let worker = try #require(ScoreboardSnapshot(memory).workers.first)
        #expect(worker.slot == 1 && worker.pid == 42 && worker.generation == 3 && worker.state == .starting)
        #expect(worker.oldestRequest?.operation == "GET /slow" && worker.oldestRequest?.id == "second")
    }

    @Test
    func runningRequests_whenThereAreMoreThanRows_areOnlyCounted() {
        let requests = memory.slot(0).runningRequests
        let rows = (1...200).map { requests.begin(id: "\($0)", at: MonotonicTime(nanoseconds: $0)) }
        #expect(rows.compactMap(\.self).count == 128 && rows.last == .some(nil))
    }

    @Test
    func names_whenThereIsNoRoomLeft_areCountedTogether() {
        for index in 0...NameTable.Kind.counters.capacity {
            metrics(0).counter(MetricName(.loginFailures, ["reason": "\(index)"])).add()
        }
        #expect(ScoreboardSnapshot(memory).counters[MetricName(.overflow)] == 2)
    }
}
