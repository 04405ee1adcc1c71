// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What one process measures, in its slot.
package struct SlotMetrics: Sendable {
    private let memory: SharedMemory
    /// The slot.
    package let slot: ScoreboardSlot

    /// - Parameters:
    ///   - memory: The memory that all share.
    ///   - slot: The slot of this process.
    package init(_ memory: SharedMemory, slot: ScoreboardSlot) {
        self.memory = memory
        self.slot = slot
    }

    /// The counter of a series, which is shown from now on, be it 0.
    ///
    /// To be kept rather than asked for each time.
    package func counter(_ name: MetricName) -> Counter {
        slot.counter(at: memory.names(.counters).place(of: name.text) ?? NameTable.overflow)
    }

    /// The histogram of a series, as ``counter(_:)``.
    package func histogram(_ name: MetricName) -> Histogram {
        slot.histogram(
            at: memory.names(.histograms).place(of: name.text) ?? NameTable.overflow,
            scale: MetricFamily(rawValue: name.family)?.scale ?? .durations
        )
    }

    /// The number under which a running request can say what it is: `GET /api/v1/users/{id}`.
    package func operation(_ name: String) -> Int? {
        memory.names(.operations).place(of: name)
    }
}
