// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

/// What becomes known of a request while it is worked on, for its one line in the log.
final class RequestRecord: Sendable {
    struct Contents {
        /// Who is calling, as soon as that is known.
        var principal: Principal?
        /// Why the request failed.
        var error: DomainError?
        /// What it changed: the path's parameters, and where what it made now is; nil when it changed nothing.
        var change: [(name: String, value: String)]?
    }

    private let contents = Mutex(Contents())

    /// What is known by now.
    var current: Contents { contents.withLock { $0 } }

    /// Writes down what became known.
    func note(_ change: (inout Contents) -> Void) {
        contents.withLock { change(&$0) }
    }
}
