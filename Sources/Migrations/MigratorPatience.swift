// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// How long a migrator waits for others.
package struct MigratorPatience: Sendable {
    /// How long to wait for another migrator.
    package var forMigrator: Duration = .seconds(600)
    /// How long a statement waits for a table's lock, unless it is one that works `concurrently`.
    ///
    /// Everybody who comes later queues behind it, so this is how long requests may stall.
    package var forTableLock: Duration = .seconds(3)
    /// How often a file that got no lock is tried.
    package var attempts = 20
    /// How long others may work on the table before the file is tried again.
    package var betweenAttempts: Duration = .seconds(1)

    package init() {}
}
