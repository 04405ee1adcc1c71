// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Synchronization

/// How many transactions may hold a connection at once; others wait in line, and hold none.
///
/// Transactions wait for each other's locks. Without a limit a burst of changes would hold every connection of the
/// pool, and each request that only reads would wait behind all of them.
final class TransactionPlaces: Sendable {
    /// What came of waiting for a place.
    enum Answer {
        case taken
        /// The task was cancelled before.
        case cancelled
        /// It was nobody's turn for too long.
        case late
    }

    private struct Waiter {
        let number: Int
        let deadline: MonotonicTime
        let continuation: CheckedContinuation<Answer, Never>
    }

    private struct State {
        var free: Int
        var lastNumber = 0
        /// In the order in which they came, which is that of their deadlines.
        var waiting: [Waiter] = []
        /// Whether a task looks at the deadlines.
        var isTimed = false
    }

    private let patience: Duration
    private let state: Mutex<State>

    /// So many places, for which nobody waits longer than `patience`.
    init(_ count: Int, patience: Duration) {
        self.patience = patience
        state = Mutex(State(free: count))
    }

    /// Takes a place, when it is this task's turn.
    func take() async -> Answer {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Answer? in
                    // Asked with the lock: a cancellation from now on finds the task in the line.
                    if Task.isCancelled { return .cancelled }
                    guard state.free > 0 else {
                        let deadline = MonotonicTime.now() + patience
                        state.waiting.append(Waiter(number: number, deadline: deadline, continuation: continuation))
                        if !state.isTimed {
                            state.isTimed = true
                            // One for all who wait: a timer for each would cost most when there is least to spare.
                            Task.detached { await self.refuseLate() }
                        }
                        return nil
                    }
                    state.free -= 1
                    return .taken
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let left = state.withLock { state in
                state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
            }
            left?.continuation.resume(returning: .cancelled)
        }
    }

    /// Passes the place on to whoever has waited longest.
    func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Answer, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: .taken)
    }

    /// Refuses, as long as somebody waits, those whose time is over.
    private func refuseLate() async {
        while let wait = refuse(at: .now()) { try? await TaskTimer.sleep(for: wait) }
    }

    /// Refuses those whose time is over at `now`; how long the next one still has, nil when nobody waits.
    private func refuse(at now: MonotonicTime) -> Duration? {
        let (late, next) = state.withLock { state in
            let late = state.waiting.prefix { $0.deadline <= now }
            state.waiting.removeFirst(late.count)
            state.isTimed = !state.waiting.isEmpty
            return (late, state.waiting.first?.deadline)
        }
        for waiter in late { waiter.continuation.resume(returning: .late) }
        return next.map { $0 - now }
    }
}
