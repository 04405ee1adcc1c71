// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database
import SharedMemory

/// Writes into a worker's slot which reads the replica answers.
struct ReplicaMetrics: ReplicaObserver {
    private let slot: ScoreboardSlot
    /// By outcome.
    private let reads: [Counter]

    init(_ metrics: SlotMetrics) {
        slot = metrics.slot
        reads = ReplicaOutcome.allCases.map { outcome in
            metrics.counter(MetricName(.replicaReads, ["result": "\(outcome)"]))
        }
    }

    func read(_ outcome: ReplicaOutcome) {
        reads[outcome.rawValue].add()
        slot[.replicaInUse] = outcome == .answered ? 1 : 0
    }
}
