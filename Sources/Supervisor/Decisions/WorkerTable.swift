// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The supervisor's decisions: which worker is started, told to drain or killed, and when the supervisor ends.
///
/// It is pure: events and the time go in, actions come out. Whoever runs it performs the actions in order, reports what
/// came of them, and sends a ``Event/tick`` at first and whenever ``nextDeadline`` is reached.
package struct WorkerTable {
    private enum Phase {
        case serving
        /// No worker is started any more; `status` is what the supervisor ends with when the last one is gone.
        case draining(since: MonotonicTime, status: ExitStatus)
    }

    private let policy: SupervisorPolicy
    private let random: () -> Double
    private var slots: [WorkerSlot]
    private var phase = Phase.serving
    /// Whether a worker has ever had a healthy life; until then, failing is the fault of the installation.
    private var hasServed = false

    /// - Parameters:
    ///   - workers: The number of slots.
    ///   - policy: The times and limits.
    ///   - random: Numbers between 0 and 1, for the jitter of back-off.
    package init(workers: Int, policy: SupervisorPolicy, random: @escaping () -> Double = { .random(in: 0...1) }) {
        self.policy = policy
        self.random = random
        self.slots = Array(repeating: WorkerSlot(state: .waiting(until: MonotonicTime(nanoseconds: 0))), count: workers)
    }

    /// When the next ``Event/tick`` is due if nothing happens before; nil when there is nothing to wait for but events.
    package var nextDeadline: MonotonicTime? {
        slots.compactMap(\.deadline).min()
    }

    /// Takes in what happened at `now` and answers what to do about it.
    package mutating func handle(_ event: Event, at now: MonotonicTime) -> [Action] {
        if slots.contains(where: { $0.worker?.isHealthy(at: now, minimumAge: policy.healthyAge) == true }) {
            hasServed = true
        }
        switch event {
        case .tick: return tick(at: now)
        case .spawned(let slot, let pid): return spawned(slot: slot, pid: pid, at: now)
        case .spawnFailed(let slot, let error): return spawnFailed(slot: slot, error: error, at: now)
        case .received(let message, let slot): return received(message, slot: slot, at: now)
        case .controlClosed(let slot): return controlClosed(slot: slot, at: now)
        case .exited(let pid, let termination): return exited(pid: pid, termination, at: now)
        case .terminate: return stop(within: policy.drainDeadline, at: now)
        case .interrupt: return stop(within: policy.interruptDeadline, at: now)
        }
    }

    private mutating func tick(at now: MonotonicTime) -> [Action] {
        slots.indices.flatMap { slot -> [Action] in
            switch slots[slot].state {
            case .waiting(let until) where until <= now: [start(slot: slot)]
            case .running(let worker):
                if let deadline = worker.deadline, deadline.at <= now {
                    kill(slot: slot, because: deadline.reason)
                } else {
                    []
                }
            case .empty, .waiting, .starting: []
            }
        }
    }

    private mutating func start(slot: Int) -> Action {
        slots[slot].state = .starting
        return .spawn(slot: slot)
    }

    private mutating func spawned(slot: Int, pid: Int32, at now: MonotonicTime) -> [Action] {
        let deadline = WorkerSlot.Deadline(at: now + policy.bootDeadline, reason: .bootDeadline)
        slots[slot].state = .running(WorkerSlot.Worker(pid: pid, deadline: deadline))
        return [.log(.workerStarted(slot: slot, pid: pid))]
    }

    private mutating func spawnFailed(slot: Int, error: SystemCallError, at now: MonotonicTime) -> [Action] {
        [.log(.spawnFailed(slot: slot, error))] + backOff(slot: slot, at: now)
    }

    private mutating func received(_ message: ControlMessage, slot: Int, at now: MonotonicTime) -> [Action] {
        guard var worker = slots[slot].worker else { return [] }
        switch message {
        case .ready(let isDegraded):
            guard worker.readyAt == nil else { return [] }
            worker.readyAt = now
            if worker.deadline?.reason == .bootDeadline { worker.deadline = nil }
            slots[slot].state = .running(worker)
            return [.log(.workerReady(slot: slot, pid: worker.pid, isDegraded: isDegraded))]
        case .drained:
            worker.hasDrained = true
            worker.limit(to: now + policy.exitGrace, .exitDeadline)
            slots[slot].state = .running(worker)
            return []
        case .drain:
            return []
        }
    }

    private mutating func controlClosed(slot: Int, at now: MonotonicTime) -> [Action] {
        guard var worker = slots[slot].worker else { return [] }
        worker.limit(to: now + policy.exitGrace, .controlClosed)
        slots[slot].state = .running(worker)
        return []
    }

    private mutating func exited(pid: Int32, _ termination: Termination, at now: MonotonicTime) -> [Action] {
        // Who it was comes first: a stranger's exit code means nothing here.
        guard let slot = slots.firstIndex(where: { $0.worker?.pid == pid }), let worker = slots[slot].worker else {
            return [.log(.strangerReaped(pid: pid, termination))]
        }
        slots[slot].state = .empty
        let report = Action.log(.workerExited(slot: slot, pid: pid, termination))
        if case .draining(let since, .done) = phase, worker.hasLeftWorkUndone(by: termination) {
            phase = .draining(since: since, status: .failed)
        }
        if case .draining = phase { return [report] + exitWhenEmpty() }
        if !hasServed, termination == .exited(code: ExitStatus.badConfiguration.rawValue) {
            let notice = Action.log(.badConfiguration)
            return [report, notice] + drain(within: policy.interruptDeadline, .badConfiguration, at: now)
        }
        if worker.isHealthy(at: now, minimumAge: policy.healthyAge) {
            slots[slot].earlyDeaths = 0
            return [report, start(slot: slot)]
        }
        return [report] + backOff(slot: slot, at: now)
    }

    private mutating func backOff(slot: Int, at now: MonotonicTime) -> [Action] {
        slots[slot].earlyDeaths += 1
        if !hasServed, slots.allSatisfy({ $0.earlyDeaths >= policy.earlyDeathLimit }) {
            return [.log(.crashLoop)] + drain(within: policy.interruptDeadline, .failed, at: now)
        }
        let wait = policy.backoff(afterEarlyDeaths: slots[slot].earlyDeaths, random: random())
        slots[slot].state = .waiting(until: now + wait)
        return [.log(.backingOff(slot: slot, earlyDeaths: slots[slot].earlyDeaths, wait: wait))]
    }

    private mutating func stop(within deadline: Duration, at now: MonotonicTime) -> [Action] {
        guard case .draining(let since, _) = phase else {
            return [.log(.draining(deadline: deadline))] + drain(within: deadline, .done, at: now)
        }
        guard now - since > policy.repeatWindow else { return [] }
        phase = .draining(since: since, status: .failed)
        return slots.indices.flatMap { kill(slot: $0, because: .secondSignal) }
    }

    /// The listener goes first: from then on nobody waits in its queue for the workers that are about to leave it.
    private mutating func drain(within deadline: Duration, _ status: ExitStatus, at now: MonotonicTime) -> [Action] {
        phase = .draining(since: now, status: status)
        var actions = [Action.closeListener]
        for slot in slots.indices {
            guard var worker = slots[slot].worker else {
                slots[slot].state = .empty
                continue
            }
            // From here on being ready ends no deadline any more.
            if worker.deadline?.reason == .bootDeadline { worker.deadline = nil }
            worker.limit(to: now + deadline + policy.killGrace, .drainDeadline)
            slots[slot].state = .running(worker)
            actions.append(.send(.drain(deadline: deadline), slot: slot))
        }
        return actions + exitWhenEmpty()
    }

    private mutating func kill(slot: Int, because reason: KillReason) -> [Action] {
        guard var worker = slots[slot].worker else { return [] }
        worker.deadline = nil
        slots[slot].state = .running(worker)
        return [.log(.killing(slot: slot, pid: worker.pid, reason)), .kill(pid: worker.pid)]
    }

    private func exitWhenEmpty() -> [Action] {
        guard case .draining(_, let status) = phase, slots.allSatisfy({ $0.state == .empty }) else { return [] }
        return [.log(.stopped(status)), .exit(status)]
    }
}
