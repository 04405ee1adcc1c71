// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What a worker says of its present: it is gone with the worker.
package enum Gauge: Int, CaseIterable, Sendable {
    case openConnections
    case requestsInFlight
    /// Connections to the database that are up.
    case databaseOpen
    /// Those of them that have something to do.
    case databaseBusy
    /// Statements that wait for a connection.
    case databaseWaiting
    /// Bytes of memory that are really there.
    case residentMemory
}
