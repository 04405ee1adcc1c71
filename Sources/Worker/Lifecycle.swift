// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Synchronization

/// Whether the worker serves or is about to stop.
final class Lifecycle: Sendable {
    /// How the worker ends.
    struct Ending: Sendable {
        /// How long draining may take.
        let deadline: Duration
        /// What the process exits with when it has drained.
        let status: ExitStatus
    }

    private struct State {
        var ending: Ending?
        var waiter: CheckedContinuation<Ending, Never>?
    }

    private let state = Mutex(State())

    var isDraining: Bool { state.withLock { $0.ending != nil } }

    /// Begins the end; a second call changes nothing.
    func end(within deadline: Duration, status: ExitStatus) {
        let ending = Ending(deadline: deadline, status: status)
        let waiter = state.withLock { state -> CheckedContinuation<Ending, Never>? in
            guard state.ending == nil else { return nil }
            state.ending = ending
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: ending)
    }

    /// Returns when ``end(within:status:)`` is called.
    func ending() async -> Ending {
        await withCheckedContinuation { continuation in
            let ending = state.withLock { state in
                if state.ending == nil { state.waiter = continuation }
                return state.ending
            }
            if let ending { continuation.resume(returning: ending) }
        }
    }
}
