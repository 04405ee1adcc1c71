// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Watches a pool at work.
///
/// The database thread calls it, so that whatever it takes its time for holds all statements up.
package protocol DatabaseObserver: Sendable {
    /// Something happened, or a second has passed: as long as this is called, nothing holds the thread up.
    func turned(_ status: PoolStatus)

    /// An operation was answered, or given up, this long after the thread took it in.
    func finished(_ operation: DatabaseOperation, nanoseconds: Int64)

    /// As many statements went to the server with one Sync.
    func sent(_ statements: Int)
}
