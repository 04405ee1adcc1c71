// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database
import SharedMemory

/// Writes into a worker's slot what its database thread does.
final class DatabaseMetrics: DatabaseObserver {
    private let slot: ScoreboardSlot
    /// By operation: the numbers of these are as good as indices, and faster than a dictionary.
    private let durations: [Histogram]
    private let batches: Histogram

    init(_ metrics: SlotMetrics) {
        slot = metrics.slot
        durations = DatabaseOperation.allCases.map { operation in
            metrics.histogram(MetricName(.databaseDuration, ["operation": "\(operation)"]))
        }
        batches = metrics.histogram(MetricName(.databaseBatchSize))
    }

    func turned(_ pool: PoolStatus) {
        slot.beat(.database)
        slot[.databaseOpen] = UInt64(clamping: pool.open)
        slot[.databaseBusy] = UInt64(clamping: pool.busy)
        slot[.databaseWaiting] = UInt64(clamping: pool.waiting)
    }

    func finished(_ operation: DatabaseOperation, nanoseconds: Int64) {
        durations[operation.rawValue].record(nanoseconds: nanoseconds)
    }

    func sent(_ statements: Int) {
        batches.record(Int64(statements))
    }
}
