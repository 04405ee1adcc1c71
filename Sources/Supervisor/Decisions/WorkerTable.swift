// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The supervisor's decisions: which worker is started, replaced, told to drain or killed, and when the supervisor ends.
///
/// It is pure: events and the time go in, actions come out. Whoever runs it performs the actions in order, reports what
/// came of them, and sends a ``Event/tick`` at first and whenever ``nextDeadline`` is reached. There are more slots than
/// workers, so that a new worker can start beside the one that it replaces.
package struct WorkerTable {
    enum Phase: Equatable {
        case serving
        /// The readiness check fails, and everything else goes on until then.
        case leaving(since: MonotonicTime, until: MonotonicTime)
        /// No worker is started any more; `status` is what the supervisor ends with when the last one is gone.
        case draining(since: MonotonicTime, status: ExitStatus)
    }

    var policy: SupervisorPolicy
    let random: () -> Double
    var slots: [WorkerSlot]
    var phase = Phase.serving
    /// How many workers there shall be.
    var target: Int
    /// How many workers the database has connections for; nil when that is not known.
    package var room: Int?
    /// The generation of the settings, and the program, with which workers are started.
    var generation = 1
    /// The newest generation that was ever begun; a number is never used again, not even that of a reload that failed.
    var lastGeneration = 1
    var program = ProgramSource.running
    var roll: Roll?
    /// The reload that was asked for while another one ran.
    var nextRoll: (program: ProgramSource, workers: Int)?
    var replacement: Replacement?
    /// Whether a worker has ever had a healthy life; until then, failing is the fault of the installation.
    var hasServed = false
    /// Whether the service manager was told that the service is ready.
    var isAnnounced = false
    var lastObserved: MonotonicTime?

    /// - Parameters:
    ///   - workers: How many workers there shall be at first.
    ///   - maximumWorkers: How many there may ever be, but for one that replaces another; ``capacity`` is one more.
    ///   - room: How many workers the database has connections for; nil when that is not known.
    ///   - policy: The times and limits.
    ///   - random: Numbers between 0 and 1, for jitter.
    package init(
        workers: Int,
        maximumWorkers: Int,
        room: Int? = nil,
        policy: SupervisorPolicy,
        random: @escaping () -> Double = { .random(in: 0...1) }
    ) {
        self.policy = policy
        self.random = random
        self.target = workers
        self.room = room
        self.slots = Array(repeating: WorkerSlot(state: .empty), count: max(workers, maximumWorkers) + 1)
    }

    /// The number of slots.
    package var capacity: Int { slots.count }

    /// How many workers there may be.
    var maximumWorkers: Int { min(slots.count - 1, room ?? .max) }

    /// When the next ``Event/tick`` is due if nothing happens before; nil when there is nothing to wait for but events.
    package var nextDeadline: MonotonicTime? {
        var deadlines = slots.compactMap(\.deadline)
        if case .leaving(_, let until) = phase { deadlines.append(until) }
        if let due = replacement?.dueAt { deadlines.append(due) }
        return deadlines.min()
    }

    /// Takes in what happened at `now` and answers what to do about it.
    package mutating func handle(_ event: Event, at now: MonotonicTime) -> [Action] {
        if slots.contains(where: { $0.worker?.isHealthy(at: now, minimumAge: policy.healthyAge) == true }) {
            hasServed = true
        }
        return respond(to: event, at: now) + settle(at: now)
    }

    private mutating func respond(to event: Event, at now: MonotonicTime) -> [Action] {
        switch event {
        case .tick: return tick(at: now)
        case .spawned(let slot, let pid): return spawned(slot: slot, pid: pid, at: now)
        case .spawnFailed(let slot, let error): return spawnFailed(slot: slot, error: error, at: now)
        case .received(let message, let slot): return received(message, slot: slot, at: now)
        case .controlClosed(let slot): return controlClosed(slot: slot, at: now)
        case .exited(let pid, let termination): return exited(pid: pid, termination, at: now)
        case .observed(let vitals): return observed(vitals, at: now)
        case .terminate: return leave(at: now)
        case .quit: return stop(within: policy.drainDeadline, at: now)
        case .interrupt: return stop(within: policy.interruptDeadline, at: now)
        case .reload(let workers): return requestRoll(.running, workers: workers, at: now)
        case .upgrade: return requestRoll(.installed, workers: target, at: now)
        // A service manager that asked for a reload waits for its end.
        case .reloadRefused(let reason):
            return [.notify(.reloading), .log(.reloadFailed(reason: reason, isPartial: false))] + announceAgain()
        case .upgradeRefused(let reason): return [.log(.upgradeFailed(reason: reason))]
        case .increase: return change(by: 1)
        case .decrease: return change(by: -1)
        case .reopenLogs: return [.log(.logsReopened)] + tellAll(.reopenLogs)
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

    mutating func start(slot: Int) -> Action {
        let isNew = roll.map { $0.isProven || replacement?.new == slot } ?? false
        let generation = isNew ? roll?.generation ?? generation : generation
        let program = isNew ? roll?.program ?? program : program
        slots[slot].state = .starting(generation: generation)
        return .spawn(slot: slot, generation: generation, program: program)
    }

    private mutating func spawned(slot: Int, pid: Int32, at now: MonotonicTime) -> [Action] {
        guard case .starting(let generation) = slots[slot].state else { return [] }
        let deadline = WorkerSlot.Deadline(at: now + policy.bootDeadline, reason: .bootDeadline)
        slots[slot].state = .running(WorkerSlot.Worker(pid: pid, generation: generation, deadline: deadline))
        return [.log(.workerStarted(slot: slot, pid: pid, generation: generation))]
    }

    private mutating func spawnFailed(slot: Int, error: SystemCallError, at now: MonotonicTime) -> [Action] {
        let report = Action.log(.spawnFailed(slot: slot, error))
        return [report] + (abandonReplacement(by: slot, because: "\(error)", at: now) ?? backOff(slot: slot, at: now))
    }

    private mutating func received(_ message: ControlMessage, slot: Int, at now: MonotonicTime) -> [Action] {
        guard var worker = slots[slot].worker else { return [] }
        switch message {
        case .ready(let isDegraded):
            guard worker.readyAt == nil else { return [] }
            worker.readyAt = now
            worker.isOldAt = policy.recyclingAge(random: random()).map { now + $0 }
            if worker.deadline?.reason == .bootDeadline { worker.deadline = nil }
            slots[slot].state = .running(worker)
            return [.log(.workerReady(slot: slot, pid: worker.pid, isDegraded: isDegraded))] + announce()
        case .drained:
            worker.hasDrained = true
            worker.limit(to: now + policy.exitGrace, .exitDeadline)
            slots[slot].state = .running(worker)
            return []
        case .drain, .reopenLogs:
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
        var report: [Action] = [.clear(slot: slot), .log(.workerExited(slot: slot, pid: pid, termination))]
        if case .draining(let since, .done) = phase, worker.hasLeftWorkUndone(by: termination) {
            phase = .draining(since: since, status: .failed)
        }
        if case .draining = phase { return report + exitWhenEmpty() }
        if worker.isRetiring { return report }
        if let abandoned = abandonReplacement(by: slot, because: "the new worker \(termination)", at: now) {
            return report + abandoned
        }
        if !hasServed, termination == .exited(code: ExitStatus.badConfiguration.rawValue) {
            let notice = Action.log(.badConfiguration)
            return report + [notice] + drain(within: policy.interruptDeadline, .badConfiguration, at: now)
        }
        report.append(.count(worker.restartReason))
        // Somebody is about to take its place already.
        if replacement?.old == slot { return report }
        if worker.isHealthy(at: now, minimumAge: policy.healthyAge) {
            slots[slot].earlyDeaths = 0
            return report + [start(slot: slot)]
        }
        return report + backOff(slot: slot, at: now)
    }

    private mutating func backOff(slot: Int, at now: MonotonicTime) -> [Action] {
        slots[slot].earlyDeaths += 1
        slots[slot].state = .waiting(until: now)
        if !hasServed, slots.allSatisfy({ !$0.isMember || $0.earlyDeaths >= policy.earlyDeathLimit }) {
            return [.log(.crashLoop)] + drain(within: policy.interruptDeadline, .failed, at: now)
        }
        let wait = policy.backoff(afterEarlyDeaths: slots[slot].earlyDeaths, random: random())
        slots[slot].state = .waiting(until: now + wait)
        return [.log(.backingOff(slot: slot, earlyDeaths: slots[slot].earlyDeaths, wait: wait))]
    }

    mutating func kill(slot: Int, because reason: KillReason) -> [Action] {
        guard var worker = slots[slot].worker else { return [] }
        worker.deadline = nil
        worker.isKilled = true
        slots[slot].state = .running(worker)
        return [.log(.killing(slot: slot, pid: worker.pid, reason)), .kill(pid: worker.pid)]
    }

    private func tellAll(_ message: ControlMessage) -> [Action] {
        slots.indices.filter { slots[$0].worker?.readyAt != nil }.map { .send(message, slot: $0) }
    }

    /// The service manager hears once that the service is ready.
    private mutating func announce() -> [Action] {
        guard !isAnnounced else { return [] }
        isAnnounced = true
        return [.notify(.ready)]
    }
}
