// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// How many workers there are, and which one takes another's place.
extension WorkerTable {
    /// One worker more or less, within the limits.
    mutating func change(by difference: Int) -> [Action] {
        let wanted = (roll?.workers ?? target) + difference
        guard case .serving = phase, roll == nil, wanted > 0, difference < 0 || wanted <= maximumWorkers else {
            return [.log(.workersUnchanged(limit: maximumWorkers))]
        }
        target = wanted
        return [.log(.workersChanged(to: wanted))]
    }

    /// Begins a reload, or remembers it when one is under way: several requests in a row make one more reload at most.
    mutating func requestRoll(_ program: ProgramSource, workers: Int, at now: MonotonicTime) -> [Action] {
        guard case .serving = phase else { return [] }
        let workers = min(max(1, workers), slots.count - 1)
        guard let roll else { return begin(program, workers: workers) }
        guard program == .installed else {
            // An upgrade that waits already starts every worker anew.
            nextRoll = (nextRoll?.program ?? .running, workers)
            return [.log(.reloadPostponed)]
        }
        guard roll.program != .installed, nextRoll?.program != .installed else {
            return [.log(.upgradeFailed(reason: "an upgrade is in progress"))]
        }
        nextRoll = (.installed, workers)
        return [.log(.reloadPostponed)]
    }

    private mutating func begin(_ program: ProgramSource, workers: Int) -> [Action] {
        lastGeneration += 1
        let roll = Roll(generation: lastGeneration, program: program, workers: workers)
        self.roll = roll
        return [.notify(.reloading), .log(.reloading(generation: roll.generation, program))]
    }

    /// Brings the workers nearer to what they shall be, as far as can be done at `now`.
    mutating func settle(at now: MonotonicTime) -> [Action] {
        var actions = finishLeaving(at: now)
        if case .draining = phase { return actions }
        actions += finishReplacement(at: now)
        actions += adjustCount(at: now)
        if case .serving = phase { actions += replaceNext(at: now) }
        return actions
    }

    private mutating func adjustCount(at now: MonotonicTime) -> [Action] {
        // While both live, the one that replaces and the one that is replaced count as one.
        let pairs = replacement.map { slots[$0.old].isMember && slots[$0.new].isMember ? 1 : 0 } ?? 0
        let members = slots.indices.filter { slots[$0].isMember }
        let missing = target + pairs - members.count
        if missing > 0 {
            return slots.indices.filter { slots[$0].state == .empty }.prefix(missing).map { start(slot: $0) }
        }
        let spare = members.filter { $0 != replacement?.old && $0 != replacement?.new }.suffix(-missing)
        return spare.flatMap { retire(slot: $0, at: now) }
    }

    /// One at a time, and none while an old one still drains: that would be a connection to the database too many.
    private mutating func replaceNext(at now: MonotonicTime) -> [Action] {
        guard replacement == nil, !slots.contains(where: { $0.worker?.isRetiring == true }) else { return [] }
        guard let roll else {
            if let next = nextRoll {
                nextRoll = nil
                return begin(next.program, workers: next.workers) + replaceNext(at: now)
            }
            return recycleNext(at: now)
        }
        guard let old = slots.firstIndex(where: { $0.worker.map { $0.generation < roll.generation } ?? false }) else {
            let actions = finish(roll, at: now)
            // A supervisor that is about to become another one begins nothing.
            return actions.contains(.replaceSelf) ? actions : actions + replaceNext(at: now)
        }
        return replace(old)
    }

    private mutating func replace(_ old: Int) -> [Action] {
        guard let new = slots.firstIndex(where: { $0.state == .empty }) else { return [] }
        slots[new].earlyDeaths = 0
        replacement = Replacement(old: old, new: new)
        return [start(slot: new)]
    }

    /// Lets the old worker go when the new one has shown that it works.
    private mutating func finishReplacement(at now: MonotonicTime) -> [Action] {
        guard var replacement, let readyAt = slots[replacement.new].worker?.readyAt else { return [] }
        let due = roll.map { $0.isProven ? readyAt : readyAt + policy.canaryAge } ?? readyAt
        guard due <= now else {
            replacement.dueAt = due
            self.replacement = replacement
            return []
        }
        self.replacement = nil
        roll?.isProven = true
        // One that ended meanwhile was counted then.
        let isCounted = slots[replacement.old].worker == nil
        let count: [Action] = isCounted ? [] : [.count(roll?.program.restartReason ?? .recycled)]
        return count + retire(slot: replacement.old, at: now)
    }

    /// What follows when the worker of `slot` was to replace another one and did not come to it; nil when it was not.
    mutating func abandonReplacement(by slot: Int, because reason: String, at now: MonotonicTime) -> [Action]? {
        guard let replacement, replacement.new == slot else { return nil }
        self.replacement = nil
        slots[slot].state = .empty
        guard let roll else {
            if var worker = slots[replacement.old].worker {
                worker.notRecycledBefore = now + policy.recyclingPause
                slots[replacement.old].state = .running(worker)
            }
            return []
        }
        self.roll = nil
        generation = roll.isProven ? roll.generation : generation
        return [.log(.reloadFailed(reason: reason, isPartial: roll.isProven))] + announceAgain()
    }

    private mutating func finish(_ roll: Roll, at now: MonotonicTime) -> [Action] {
        self.roll = nil
        generation = roll.generation
        program = roll.program
        target = roll.workers
        // What failed before may work with what is new.
        for slot in slots.indices {
            guard case .waiting = slots[slot].state else { continue }
            slots[slot] = WorkerSlot(state: .waiting(until: now))
        }
        var actions: [Action] = [.log(.reloaded(generation: generation, workers: target))]
        actions += roll.program == .installed ? [.replaceSelf] : announceAgain()
        return actions + adjustCount(at: now)
    }

    private mutating func recycleNext(at now: MonotonicTime) -> [Action] {
        for slot in slots.indices {
            guard let worker = slots[slot].worker, let reason = worker.recyclingReason(at: now) else { continue }
            return [.log(.recycling(slot: slot, pid: worker.pid, reason))] + replace(slot)
        }
        return []
    }

    private mutating func retire(slot: Int, at now: MonotonicTime) -> [Action] {
        guard var worker = slots[slot].worker else {
            slots[slot].state = .empty
            return []
        }
        worker.isRetiring = true
        if worker.deadline?.reason == .bootDeadline { worker.deadline = nil }
        worker.limit(to: now + policy.drainDeadline + policy.killGrace, .drainDeadline)
        slots[slot].state = .running(worker)
        return [.send(.drain(deadline: policy.drainDeadline), slot: slot)]
    }

    /// Tells the service manager that a reload is over, if the service was ready before.
    func announceAgain() -> [Action] {
        isAnnounced ? [.notify(.ready)] : []
    }
}
