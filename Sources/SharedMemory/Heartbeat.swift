// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What can get stuck in a worker, and shows that it has not.
package enum Heartbeat: Int, CaseIterable, Sendable {
    /// The event loop.
    case eventLoop
    /// A task of Swift's concurrency.
    case task
    /// The thread of the database connections.
    case database
}
