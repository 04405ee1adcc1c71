// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How many transactions may hold a connection at once; others wait in line, and hold none.
///
/// Transactions wait for each other's locks. Without a limit a burst of changes would hold every connection of the
/// pool, and each request that only reads would wait behind all of them.
final class TransactionPlaces: Sendable {
    private struct State {
        var free: Int
        var lastNumber = 0
        /// In the order in which they came.
        var waiting: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private let state: Mutex<State>

    init(_ count: Int) {
        state = Mutex(State(free: count))
    }

    /// Takes a place, when it is this task's turn; false, with none taken, when the task is cancelled before.
    func take() async -> Bool {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isTaken = state.withLock { state -> Bool? in
                    // Asked with the lock: a cancellation from now on finds the task in the line.
                    if Task.isCancelled { return false }
                    guard state.free > 0 else {
                        state.waiting.append((number, continuation))
                        return nil
                    }
                    state.free -= 1
                    return true
                }
                if let isTaken { continuation.resume(returning: isTaken) }
            }
        } onCancel: {
            let left = state.withLock { state in
                state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
            }
            left?.continuation.resume(returning: false)
        }
    }

    /// Passes the place on to whoever has waited longest.
    func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
