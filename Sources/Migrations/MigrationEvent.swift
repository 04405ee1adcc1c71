// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What a migrator tells while it works, for the terminal.
package enum MigrationEvent: Hashable, Sendable, CustomStringConvertible {
    /// Something stands between us and the database, so the lock of our session may be somebody else's, too.
    case pooled
    /// Another process migrates this database; told once every few seconds.
    case waitingForLock
    case started(MigrationFile, MigrationDirection)
    /// A lock was not to be had, so the file is tried again.
    case retrying(MigrationFile)
    /// An earlier run was cut off while it built this index; it is dropped and built again.
    case rebuilding(index: String)
    case finished(MigrationFile, MigrationDirection, took: Duration)

    package var description: String {
        switch self {
        case .pooled:
            "the connection passes a pooler: unless it gives each client a session of its own, set "
                + "POSTERN_MIGRATION_DATABASE_URL to the database itself"
        case .waitingForLock: "waiting for another process that migrates this database"
        case .started(let file, .up): "applying \(file.fileName)"
        case .started(let file, .down): "rolling back \(file.fileName)"
        case .retrying(let file): "\(file.fileName) got no lock in time and is tried again"
        case .rebuilding(let index):
            "the index \(index) is invalid, left by a build that did not end; building it again"
        case .finished(let file, .up, let duration): "applied \(file.fileName) in \(duration.milliseconds) ms"
        case .finished(let file, .down, let duration): "rolled back \(file.fileName) in \(duration.milliseconds) ms"
        }
    }
}
