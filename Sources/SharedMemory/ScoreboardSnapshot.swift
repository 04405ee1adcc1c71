// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What all processes together have said of themselves at one moment.
package struct ScoreboardSnapshot: Sendable {
    /// The sum of a histogram over all slots.
    struct HistogramSum: Hashable, Sendable {
        var buckets: [UInt64]
        var total: UInt64
    }

    /// One worker.
    package struct Worker: Hashable, Sendable {
        /// A request that runs.
        package struct Request: Hashable, Sendable {
            package let began: MonotonicTime
            /// Nil while nobody knows.
            package let operation: String?
            package let id: String
        }

        package let slot: Int
        package let pid: Int32
        package let generation: Int
        package let state: WorkerState
        package let startedAt: MonotonicTime?
        package let heartbeats: [Heartbeat: MonotonicTime]
        package let gauges: [Gauge: UInt64]
        /// Requests answered in this slot, by earlier workers too.
        package let requests: UInt64
        package let oldestRequest: Request?
    }

    /// The sums of all counters.
    package let counters: [MetricName: UInt64]
    let histograms: [MetricName: HistogramSum]
    /// The workers that there are.
    package let workers: [Worker]
    /// Requests answered since the installation started.
    package let requests: UInt64
    let supervisorGauges: [Gauge: UInt64]
    package let supervisorPID: Int32
    package let supervisorGeneration: Int
    package let supervisorStartedAt: MonotonicTime?
    package let isStopping: Bool

    /// Reads the memory.
    package init(_ memory: SharedMemory) {
        let slots = (0..<memory.slots).map(memory.slot)
        let supervisor = memory.supervisor
        var counters: [MetricName: UInt64] = [:]
        for (place, name) in memory.names(.counters).all {
            let values = (slots + [supervisor]).map { $0.counter(at: place).value }
            counters[MetricName(text: name)] = values.reduce(0, &+)
        }
        var histograms: [MetricName: HistogramSum] = [:]
        var requests = [UInt64](repeating: 0, count: slots.count)
        for (place, name) in memory.names(.histograms).all {
            let name = MetricName(text: name)
            var sum = HistogramSum(buckets: Array(repeating: 0, count: Histogram.bucketCount), total: 0)
            for (index, slot) in slots.enumerated() {
                let histogram = slot.histogram(at: place)
                let buckets = histogram.buckets
                for bucket in buckets.indices { sum.buckets[bucket] &+= buckets[bucket] }
                sum.total &+= histogram.sum
                if name.family == MetricFamily.requestDuration.rawValue { requests[index] &+= buckets.reduce(0, &+) }
            }
            histograms[name] = sum
        }
        let operations = memory.names(.operations)
        self.counters = counters
        self.histograms = histograms
        self.requests = requests.reduce(0, &+)
        workers = slots.enumerated().compactMap { Worker($0, $1, requests[$0], operations) }
        supervisorGauges = supervisor.allGauges
        supervisorPID = supervisor.pid
        supervisorGeneration = supervisor.generation
        supervisorStartedAt = supervisor.startedAt
        isStopping = memory.isStopping
    }

    /// The sum of a gauge over all workers.
    package func sum(_ gauge: Gauge) -> UInt64 {
        workers.reduce(0) { $0 &+ ($1.gauges[gauge] ?? 0) }
    }

    /// The largest value of a gauge that a worker shows; nil when none shows any.
    func maximum(_ gauge: Gauge) -> UInt64? {
        workers.compactMap { $0.gauges[gauge] }.filter { $0 > 0 }.max()
    }
}

extension ScoreboardSnapshot.Worker {
    /// Nil for an empty slot.
    fileprivate init?(_ index: Int, _ slot: ScoreboardSlot, _ requests: UInt64, _ operations: NameTable) {
        state = slot.state
        guard state != .empty else { return nil }
        self.slot = index
        self.requests = requests
        pid = slot.pid
        generation = slot.generation
        startedAt = slot.startedAt
        heartbeats = Dictionary(
            uniqueKeysWithValues: Heartbeat.allCases.compactMap { kind in slot.heartbeat(kind).map { (kind, $0) } }
        )
        gauges = slot.allGauges
        oldestRequest = slot.runningRequests.oldest().map { request in
            Request(began: request.began, operation: request.operation.flatMap(operations.name), id: request.id)
        }
    }
}
