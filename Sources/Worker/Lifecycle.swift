// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Synchronization

/// Whether the worker serves or is about to stop.
final class Lifecycle: Sendable {
    private struct State {
        var deadline: Duration?
        var waiter: CheckedContinuation<Duration, Never>?
    }

    private let state = Mutex(State())

    var isDraining: Bool { state.withLock { $0.deadline != nil } }

    /// Begins the end; a second call changes nothing.
    func drain(deadline: Duration) {
        let waiter = state.withLock { state -> CheckedContinuation<Duration, Never>? in
            guard state.deadline == nil else { return nil }
            state.deadline = deadline
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: deadline)
    }

    /// Returns when ``drain(deadline:)`` is called, with the time that draining may take.
    func drainDeadline() async -> Duration {
        await withCheckedContinuation { continuation in
            let deadline = state.withLock { state in
                if state.deadline == nil { state.waiter = continuation }
                return state.deadline
            }
            if let deadline { continuation.resume(returning: deadline) }
        }
    }
}
