// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import Logging
import SharedMemory

/// A worker's place in the memory that it shares with its supervisor.
package struct WorkerScoreboard: Sendable {
    /// All of it.
    let memory: SharedMemory
    /// What this worker measures.
    let metrics: SlotMetrics

    var slot: ScoreboardSlot { metrics.slot }

    /// Maps the memory that the worker inherited; nil when there is none that it can use.
    ///
    /// Must be called before anything else opens a descriptor, which could be given the number of one that is missing.
    ///
    /// - Parameters:
    ///   - index: The worker's slot.
    ///   - logger: The log: a worker works without metrics too.
    package init?(slot index: Int, logger: Logger) {
        do throws(SharedMemoryError) {
            memory = try SharedMemory(descriptor: InheritedDescriptor.sharedMemory)
        } catch {
            logger.warning("no shared memory, and so no metrics", metadata: ["error": "\(error)"])
            return nil
        }
        guard 0..<memory.slots ~= index else {
            logger.warning("no slot in the shared memory, and so no metrics", metadata: ["slots": "\(memory.slots)"])
            return nil
        }
        metrics = SlotMetrics(memory, slot: memory.slot(index))
        slot.pid = getpid()
        slot.startedAt = slot.startedAt ?? .now()
        slot.state = .starting
    }

    /// Says that the worker takes connections.
    func ready() {
        metrics.counter(MetricName(.workerStarts)).add()
        slot.state = .ready
    }

    /// Says that it takes no more.
    func draining() {
        slot.state = .draining
    }
}
