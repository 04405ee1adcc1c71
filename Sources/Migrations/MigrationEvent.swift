// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What a migrator tells while it works, for the terminal.
package enum MigrationEvent: Hashable, Sendable, CustomStringConvertible {
    /// Another process migrates this database; told once every few seconds.
    case waitingForLock
    case applying(MigrationFile)
    /// A lock was not to be had, so the file was rolled back and is tried again.
    case retrying(MigrationFile)
    case applied(MigrationFile, took: Duration)

    package var description: String {
        switch self {
        case .waitingForLock: "waiting for another process that migrates this database"
        case .applying(let file): "applying \(file.fileName)"
        case .retrying(let file): "\(file.fileName) got no lock in time; it was rolled back and is tried again"
        case .applied(let file, let duration): "applied \(file.fileName) in \(duration.milliseconds) ms"
        }
    }
}
