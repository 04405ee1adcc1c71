// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What can be seen of a worker from outside: when each part of it was last known to move, and how large it is.
package struct WorkerVitals: Hashable, Sendable {
    /// Nil for what never gave a sign, and is not watched.
    package var eventLoop: MonotonicTime?
    package var task: MonotonicTime?
    package var database: MonotonicTime?
    /// Resident memory in bytes; nil when it could not be read.
    package var residentBytes: Int?

    package init(
        eventLoop: MonotonicTime? = nil,
        task: MonotonicTime? = nil,
        database: MonotonicTime? = nil,
        residentBytes: Int? = nil
    ) {
        self.eventLoop = eventLoop
        self.task = task
        self.database = database
        self.residentBytes = residentBytes
    }
}
