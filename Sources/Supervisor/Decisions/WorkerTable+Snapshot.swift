// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension WorkerTable {
    /// What a supervisor leaves to the one that takes its place in the same process.
    package struct Snapshot: Hashable, Sendable {
        /// A worker that lives on.
        package struct Worker: Hashable, Sendable {
            package let slot: Int
            package let pid: Int32
            package let generation: Int
            /// Nil when it is still starting.
            package let readyAt: MonotonicTime?
            /// Whether it was told to drain.
            package let isRetiring: Bool

            package init(slot: Int, pid: Int32, generation: Int, readyAt: MonotonicTime?, isRetiring: Bool) {
                self.slot = slot
                self.pid = pid
                self.generation = generation
                self.readyAt = readyAt
                self.isRetiring = isRetiring
            }
        }

        package let target: Int
        package let capacity: Int
        /// How many workers the database has connections for; nil when that is not known.
        package let room: Int?
        package let generation: Int
        /// Whether a reload was asked for and has not begun.
        package let isReloadPending: Bool
        package let workers: [Worker]

        package init(
            target: Int,
            capacity: Int,
            room: Int?,
            generation: Int,
            isReloadPending: Bool,
            workers: [Worker]
        ) {
            self.target = target
            self.capacity = capacity
            self.room = room
            self.generation = generation
            self.isReloadPending = isReloadPending
            self.workers = workers
        }
    }

    /// The workers as they are now.
    package var snapshot: Snapshot {
        Snapshot(
            target: target,
            capacity: capacity,
            room: room,
            generation: generation,
            isReloadPending: nextRoll != nil,
            workers: slots.indices.compactMap { slot in
                slots[slot].worker.map { worker in
                    Snapshot.Worker(
                        slot: slot,
                        pid: worker.pid,
                        generation: worker.generation,
                        readyAt: worker.readyAt,
                        isRetiring: worker.isRetiring
                    )
                }
            }
        )
    }

    /// A table that goes on where another one ended.
    ///
    /// - Parameters:
    ///   - snapshot: What the other one left.
    ///   - policy: The times and limits.
    ///   - now: The time, from which deadlines count that were not told.
    ///   - random: Numbers between 0 and 1, for jitter.
    package init(
        restoring snapshot: Snapshot,
        policy: SupervisorPolicy,
        at now: MonotonicTime,
        random: @escaping () -> Double = { .random(in: 0...1) }
    ) {
        self.init(
            workers: snapshot.target,
            maximumWorkers: snapshot.capacity - 1,
            room: snapshot.room,
            policy: policy,
            random: random
        )
        generation = snapshot.generation
        lastGeneration = snapshot.generation
        hasServed = true
        isAnnounced = true
        if snapshot.isReloadPending { nextRoll = (.running, target) }
        for worker in snapshot.workers where slots.indices.contains(worker.slot) {
            slots[worker.slot].state = .running(restored(worker, at: now))
        }
    }

    private func restored(_ worker: Snapshot.Worker, at now: MonotonicTime) -> WorkerSlot.Worker {
        var restored = WorkerSlot.Worker(pid: worker.pid, generation: worker.generation)
        restored.readyAt = worker.readyAt
        restored.isRetiring = worker.isRetiring
        restored.isOldAt = worker.readyAt.flatMap { readyAt in
            policy.recyclingAge(random: random()).map { readyAt + $0 }
        }
        if worker.isRetiring {
            restored.limit(to: now + policy.drainDeadline + policy.killGrace, .drainDeadline)
        } else if worker.readyAt == nil {
            restored.limit(to: now + policy.bootDeadline, .bootDeadline)
        }
        return restored
    }
}
