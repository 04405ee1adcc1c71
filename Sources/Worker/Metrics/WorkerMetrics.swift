// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Database
import Migrations
import Services
import SharedMemory

/// Writes into a worker's slot what has to be looked up because nobody tells it.
struct WorkerMetrics: Sendable {
    /// A migration is rare, and whoever runs it wants to see it.
    private static let migrationInterval = Duration.seconds(10)

    private let slot: ScoreboardSlot
    private let droppedLogLines: Counter
    private let signingKeys: SigningKeyService

    init(_ metrics: SlotMetrics, signingKeys: SigningKeyService) {
        slot = metrics.slot
        droppedLogLines = metrics.counter(MetricName(.droppedLogLines))
        self.signingKeys = signingKeys
    }

    /// Writes down what memory alone tells.
    func refresh() {
        droppedLogLines.add(LogOutput.takeDroppedLines())
        guard let key = try? signingKeys.current().signingKey else { return }
        slot[.signingKeyAge] = UInt64(max(1, (SystemClock().now() - key.createdAt).components.seconds))
    }

    /// Asks the database for its newest migration again and again until the task is cancelled.
    func keepMigrationVersion(of database: DatabasePool) async {
        while !Task.isCancelled {
            // During an outage the last answer stays.
            if let version = try? await SchemaVersion.applied(in: database) {
                slot[.migrationVersion] = UInt64(version) ?? 0
            }
            try? await TaskTimer.sleep(for: Self.migrationInterval)
        }
    }
}
