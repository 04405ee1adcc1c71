// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import SharedMemory

/// Writes into a worker's slot how many connections come and are there.
struct ConnectionMetrics: Sendable {
    private let slot: ScoreboardSlot
    private let accepted: Counter
    private let errors: Counter

    init(_ metrics: SlotMetrics) {
        slot = metrics.slot
        accepted = metrics.counter(MetricName(.connections))
        errors = metrics.counter(MetricName(.acceptErrors))
    }

    func opened() {
        accepted.add()
        slot.raise(.openConnections)
    }

    func closed() {
        slot.lower(.openConnections)
    }

    func failed() {
        errors.add()
    }
}
