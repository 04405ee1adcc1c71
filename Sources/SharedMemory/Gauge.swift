// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What is known of a process at present: it is gone with the process.
///
/// 0 is what nobody has written yet. The order is that in the slot; new ones come last.
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
    /// Descriptors that are open.
    case openDescriptors
    /// Descriptors that may be open.
    case maximumDescriptors
    /// When the process was started, in seconds since 1970.
    case startTime
    /// Seconds since the key was made that signs tokens, at least 1.
    case signingKeyAge
    /// The newest migration that the worker has seen applied.
    case migrationVersion
    /// 1 when the replica answered the last read that it might.
    case replicaInUse
}
