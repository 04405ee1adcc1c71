// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What is made of the workers' signs of life.
extension WorkerTable {
    /// Whether there is a worker that serves, as far as is known at `now`.
    package func isAlive(at now: MonotonicTime) -> Bool {
        slots.contains { slot in
            guard let worker = slot.worker, let readyAt = worker.readyAt else { return false }
            return now - max(worker.lastSign ?? readyAt, readyAt) <= policy.eventLoopSilence
        }
    }

    mutating func observed(_ vitals: [Int: WorkerVitals], at now: MonotonicTime) -> [Action] {
        let pause = lastObserved.map { now - $0 } ?? .zero
        lastObserved = now
        var actions: [Action] = []
        for (slot, vitals) in vitals.sorted(by: { $0.key < $1.key }) {
            guard slots.indices.contains(slot), var worker = slots[slot].worker else { continue }
            worker.lastSign = vitals.eventLoop
            if let bytes = vitals.residentBytes { worker.memory.sample(bytes, at: now, policy: policy) }
            slots[slot].state = .running(worker)
            // After a sleep of the machine the workers' signs are as old as the supervisor's last look.
            if pause <= policy.oversleep { actions += judge(slot, vitals, at: now) }
        }
        return pause > policy.oversleep ? [.log(.overslept(pause))] + actions : actions
    }

    /// A worker that is stuck is made to say where; one that is about to end has a deadline already.
    private mutating func judge(_ slot: Int, _ vitals: WorkerVitals, at now: MonotonicTime) -> [Action] {
        guard
            var worker = slots[slot].worker, let readyAt = worker.readyAt, worker.deadline == nil, !worker.isKilled
        else { return [] }
        let signs = [(VitalPart.eventLoop, vitals.eventLoop), (.task, vitals.task), (.database, vitals.database)]
        for (part, sign) in signs {
            guard let sign else { continue }
            let silence = now - max(sign, readyAt)
            guard silence > policy.silence(of: part) else { continue }
            worker.limit(to: now + policy.abortGrace, .stuck)
            slots[slot].state = .running(worker)
            return [.log(.stuck(slot: slot, pid: worker.pid, part, silence: silence)), .abort(pid: worker.pid)]
        }
        return []
    }
}
