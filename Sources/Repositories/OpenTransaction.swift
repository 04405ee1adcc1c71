// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database
import Synchronization

/// A transaction for as long as statements may join it.
///
/// A task that outlives the body of a transaction keeps the task-local value, and with it this. Its statements must not
/// travel on the connection any more: after the COMMIT they would be transactions of their own, on a connection that
/// somebody else is about to get. So every statement enters here first, and ``close()`` lets no more in and waits for
/// those that did.
final class OpenTransaction: Sendable {
    private struct State {
        var isOpen = true
        var running = 0
        var closing: CheckedContinuation<Void, Never>?
        var actions: [@Sendable () -> Void] = []
    }

    let pool: DatabasePool
    private let executor: any StatementExecutor
    private let state = Mutex(State())

    init(_ executor: any StatementExecutor, of pool: DatabasePool) {
        self.executor = executor
        self.pool = pool
    }

    var isOpen: Bool {
        state.withLock { $0.isOpen }
    }

    /// What is to be done when it has committed.
    var actions: [@Sendable () -> Void] {
        state.withLock { $0.actions }
    }

    func afterCommit(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.actions.append(action) }
    }

    /// Runs a statement in the transaction; nil when that is over.
    func execute(_ statement: Statement, _ parameters: [Parameter]) async throws(DatabaseError) -> ResultSet? {
        guard enter() else { return nil }
        defer { leave() }
        return try await executor.execute(statement, parameters)
    }

    /// Lets no more statements in, and returns when the last one is done.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isOpen = false
                if state.running > 0 { state.closing = continuation }
                return state.running == 0
            }
            if isIdle { continuation.resume() }
        }
    }

    private func enter() -> Bool {
        state.withLock { state in
            if state.isOpen { state.running += 1 }
            return state.isOpen
        }
    }

    private func leave() {
        let closing = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.running -= 1
            return state.running == 0 ? state.closing : nil
        }
        closing?.resume()
    }
}
