// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// How the supervisor ends.
extension WorkerTable {
    /// Lets load balancers learn that this host leaves before it takes no more connections.
    mutating func leave(at now: MonotonicTime) -> [Action] {
        guard case .serving = phase, policy.shutdownDelay > .zero, isAnnounced else {
            return stop(within: policy.drainDeadline, at: now)
        }
        phase = .leaving(since: now, until: now + policy.shutdownDelay)
        roll = nil
        nextRoll = nil
        return [.notify(.stopping), .stopReadiness, .log(.leaving(delay: policy.shutdownDelay))]
    }

    mutating func stop(within deadline: Duration, at now: MonotonicTime) -> [Action] {
        let first: MonotonicTime
        switch phase {
        case .serving:
            return [.notify(.stopping), .stopReadiness, .log(.draining(deadline: deadline))]
                + drain(within: deadline, .done, at: now)
        case .leaving(let since, _), .draining(let since, _):
            first = since
        }
        guard now - first > policy.repeatWindow else { return [] }
        if case .leaving = phase { return drain(within: .zero, .failed, at: now) + killAll() }
        phase = .draining(since: first, status: .failed)
        return killAll()
    }

    /// The end of the time in which requests are still taken.
    mutating func finishLeaving(at now: MonotonicTime) -> [Action] {
        guard case .leaving(_, let until) = phase, until <= now else { return [] }
        return [.log(.draining(deadline: policy.drainDeadline))] + drain(within: policy.drainDeadline, .done, at: now)
    }

    private mutating func killAll() -> [Action] {
        slots.indices.flatMap { kill(slot: $0, because: .secondSignal) }
    }

    /// The listener goes first: from then on nobody waits in its queue for the workers that are about to leave it.
    mutating func drain(within deadline: Duration, _ status: ExitStatus, at now: MonotonicTime) -> [Action] {
        phase = .draining(since: now, status: status)
        replacement = nil
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

    func exitWhenEmpty() -> [Action] {
        guard case .draining(_, let status) = phase, slots.allSatisfy({ $0.state == .empty }) else { return [] }
        return [.log(.stopped(status)), .exit(status)]
    }
}
