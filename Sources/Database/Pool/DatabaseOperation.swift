// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What is asked of the database, as far as its duration goes.
package enum DatabaseOperation: Int, CaseIterable, Sendable {
    /// A statement that changes nothing.
    case read
    /// A statement that changes rows or takes locks; outside a transaction its commit is part of it.
    case write
    case begin
    case commit
    case rollback
}
