// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// One of the places for a worker: which process fills it, or when one shall.
struct WorkerSlot: Hashable, Sendable {
    enum State: Hashable, Sendable {
        case empty
        case waiting(until: MonotonicTime)
        case starting(generation: Int)
        case running(Worker)
    }

    struct Worker: Hashable, Sendable {
        let pid: Int32
        /// The reload that it was started by or after.
        let generation: Int
        var readyAt: MonotonicTime?
        var hasDrained = false
        /// Whether it was told to drain, because it is replaced or one too many.
        var isRetiring = false
        var deadline: Deadline?
        /// Whether it was killed: nothing more can be asked of it.
        var isKilled = false
        /// When it was last known to serve: the newest sign of its event loop.
        var lastSign: MonotonicTime?
        /// When it is old enough to be replaced; nil for never.
        var isOldAt: MonotonicTime?
        var memory = MemoryWatch()
        /// When it may be tried again to replace it for its age or size.
        var notRecycledBefore: MonotonicTime?

        func isHealthy(at now: MonotonicTime, minimumAge: Duration) -> Bool {
            guard let readyAt else { return false }
            return now - readyAt >= minimumAge
        }

        /// Why it should be replaced though it works; nil when it should not.
        func recyclingReason(at now: MonotonicTime) -> RecyclingReason? {
            guard notRecycledBefore.map({ $0 <= now }) ?? true else { return nil }
            if memory.isOver { return .memory }
            return isOldAt.map { $0 <= now } ?? false ? .age : nil
        }

        /// Whether a worker that was told to drain broke off what it served.
        func hasLeftWorkUndone(by termination: Termination) -> Bool {
            readyAt != nil && !hasDrained && termination != .exited(code: ExitStatus.done.rawValue)
        }

        /// Why another worker takes its place, when it has ended without being told to.
        var restartReason: RestartReason {
            isKilled || deadline?.reason == .stuck ? .stuck : .crash
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

    /// Whether the slot counts as one of the workers that there shall be.
    var isMember: Bool {
        switch state {
        case .empty: false
        case .waiting, .starting: true
        case .running(let worker): !worker.isRetiring
        }
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
