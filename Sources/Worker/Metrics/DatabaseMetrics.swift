// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database
import SharedMemory

/// Writes into a worker's slot what its database thread does.
final class DatabaseMetrics: DatabaseObserver {
    private let slot: ScoreboardSlot
    private let durations: [DatabaseOperation: Histogram]
    private let batches: Histogram

    init(_ metrics: SlotMetrics) {
        slot = metrics.slot
        durations = Dictionary(
            uniqueKeysWithValues: DatabaseOperation.allCases.map { operation in
                (operation, metrics.histogram(MetricName(.databaseDuration, ["operation": operation.rawValue])))
            }
        )
        batches = metrics.histogram(MetricName(.databaseBatchSize))
    }

    func turned(_ pool: PoolStatus) {
        slot.beat(.database)
        slot[.databaseOpen] = UInt64(clamping: pool.open)
        slot[.databaseBusy] = UInt64(clamping: pool.busy)
        slot[.databaseWaiting] = UInt64(clamping: pool.waiting)
    }

    func finished(_ operation: DatabaseOperation, nanoseconds: Int64) {
        durations[operation]?.record(nanoseconds: nanoseconds)
    }

    func sent(_ statements: Int) {
        batches.record(Int64(statements))
    }
}
