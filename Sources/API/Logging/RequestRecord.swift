// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

/// What becomes known of a request while it is worked on, for its one line in the log and its one count in the metrics.
final class RequestRecord: Sendable {
    struct Contents {
        /// Under which the request stands in the log; empty before anybody looked at it.
        var requestID = ""
        var start: MonotonicTime?
        /// Where it comes from; nil when it came by a socket file and nobody who is trusted says more.
        var clientAddress: IPAddress?
        /// As whoever observes requests knows it; nil when nobody does.
        var observed: ObservedRequest?
        /// The path of its endpoint, with parameters in braces.
        var route: String?
        /// Who is calling, as soon as that is known.
        var principal: Principal?
        /// Who signed in by it.
        var user: Identifier<User>?
        /// Why it failed.
        var error: DomainError?
        /// What it changed: the path's parameters, and where what it made now is; nil when it changed nothing.
        var change: [(name: String, value: String)]?
        /// Whether it has its answer, be it from whoever worked on it or from whoever lost patience.
        fileprivate var isAnswered = false
    }

    private let contents = Mutex(Contents())

    /// What is known by now.
    var current: Contents { contents.withLock { $0 } }

    /// Writes down what became known; gives what `change` reads of the rest, since a copy of all of it costs more.
    func note<Known: Sendable>(_ change: (inout Contents) -> Known) -> Known {
        contents.withLock { change(&$0) }
    }

    /// Ends the record with the request's answer.
    ///
    /// - Returns: All that is known; nil when the request has got another answer before.
    func end() -> Contents? {
        contents.withLock { contents in
            guard !contents.isAnswered else { return nil }
            contents.isAnswered = true
            return contents
        }
    }
}
