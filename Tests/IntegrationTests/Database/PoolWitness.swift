// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database
import Synchronization

/// Remembers what a pool's thread says of itself.
final class PoolWitness: DatabaseObserver {
    private let state = Mutex<(busy: Int, waiting: Int, groups: [Int])>((0, 0, []))

    /// Connections that owe an answer or are kept for a transaction.
    var busy: Int { state.withLock { $0.busy } }

    /// Statements that wait for a connection.
    var waiting: Int { state.withLock { $0.waiting } }

    /// The sizes of the groups that were sent.
    var groups: [Int] { state.withLock { $0.groups } }

    func turned(_ status: PoolStatus) {
        state.withLock { ($0.busy, $0.waiting) = (status.busy, status.waiting) }
    }

    func finished(_ operation: DatabaseOperation, nanoseconds: Int64) {}

    func sent(_ statements: Int) {
        state.withLock { $0.groups.append(statements) }
    }
}
