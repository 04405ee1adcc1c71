// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import SharedMemory

/// Writes into the shared memory what the supervisor counts, and what all processes use of the system.
struct SupervisorMetrics {
    private let memory: SharedMemory
    private let restarts: [RestartReason: Counter]
    private let ownTime: Counter
    private let workerTime: Counter
    private let droppedLogLines: Counter
    private var descriptorCount: Periodic

    init(_ memory: SharedMemory, from now: MonotonicTime) {
        self.memory = memory
        let metrics = SlotMetrics(memory, slot: memory.supervisor)
        restarts = Dictionary(
            uniqueKeysWithValues: RestartReason.allCases.map { reason in
                (reason, metrics.counter(MetricName(.workerRestarts, ["reason": reason.rawValue])))
            }
        )
        ownTime = metrics.counter(MetricName(.processorTime, ["process": "supervisor"]))
        workerTime = metrics.counter(MetricName(.processorTime, ["process": "worker"]))
        droppedLogLines = metrics.counter(MetricName(.droppedLogLines))
        descriptorCount = Periodic(every: .seconds(10), from: now)
    }

    /// Counts a worker whose place another one takes.
    func count(_ reason: RestartReason) {
        restarts[reason]?.add()
    }

    /// Counts what was not yet counted of the time that a worker has had a processor, in nanoseconds all in all.
    func count(_ time: UInt64, of worker: inout WorkerProcess) {
        guard time > worker.countedTime else { return }
        workerTime.add(time - worker.countedTime)
        worker.countedTime = time
    }

    /// Measures the supervisor itself and the workers, which are given by slot.
    mutating func measure(_ workers: inout [Int: WorkerProcess], at now: MonotonicTime) {
        let countsDescriptors = descriptorCount.isDue(at: now)
        show(getpid(), in: memory.supervisor, countsDescriptors)
        // One process through all upgrades: the counter is its time.
        let time = ProcessUsage.processorTime(of: getpid()) ?? 0
        if time > ownTime.value { ownTime.add(time - ownTime.value) }
        if memory.supervisor[.startTime] == 0 { memory.supervisor[.startTime] = UInt64(clamping: Glibc.time(nil)) }
        droppedLogLines.add(LogOutput.takeDroppedLines())
        for (slot, worker) in workers {
            show(worker.pid, in: memory.slot(slot), countsDescriptors)
            var worker = worker
            count(ProcessUsage.processorTime(of: worker.pid) ?? 0, of: &worker)
            workers[slot] = worker
        }
    }

    private func show(_ pid: pid_t, in slot: ScoreboardSlot, _ countsDescriptors: Bool) {
        if let bytes = ProcessUsage.residentBytes(of: pid) { slot[.residentMemory] = UInt64(bytes) }
        if let limit = ProcessUsage.descriptorLimit(of: pid) { slot[.maximumDescriptors] = UInt64(limit) }
        let mayCount = countsDescriptors || slot[.openDescriptors] == 0
        if let count = ProcessUsage.openDescriptors(of: pid, mayCount: mayCount) {
            slot[.openDescriptors] = UInt64(count)
        }
    }
}
