// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// One of the places for a worker: which process fills it, or when one shall.
struct WorkerSlot: Hashable, Sendable {
    enum State: Hashable, Sendable {
        case empty
        case waiting(until: MonotonicTime)
        case starting
        case running(Worker)
    }

    struct Worker: Hashable, Sendable {
        let pid: Int32
        var readyAt: MonotonicTime?
        var hasDrained = false
        var deadline: Deadline?

        func isHealthy(at now: MonotonicTime, minimumAge: Duration) -> Bool {
            guard let readyAt else { return false }
            return now - readyAt >= minimumAge
        }

        /// Whether a worker that was told to drain broke off what it served.
        func hasLeftWorkUndone(by termination: Termination) -> Bool {
            readyAt != nil && !hasDrained && termination != .exited(code: ExitStatus.done.rawValue)
        }

        /// Sets a deadline unless an earlier one stands.
        mutating func limit(to instant: MonotonicTime, _ reason: KillReason) {
            if let deadline, deadline.at <= instant { return }
            deadline = Deadline(at: instant, reason: reason)
        }
    }

    /// When a worker is killed if it is still there, and why.
    struct Deadline: Hashable, Sendable {
        let at: MonotonicTime
        let reason: KillReason
    }

    var state: State
    /// Deaths in a row that ended no healthy life.
    var earlyDeaths = 0

    var worker: Worker? {
        if case .running(let worker) = state { worker } else { nil }
    }

    /// When something has to be done about the slot if nothing happens before.
    var deadline: MonotonicTime? {
        switch state {
        case .empty, .starting: nil
        case .waiting(let until): until
        case .running(let worker): worker.deadline?.at
        }
    }
}
