// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Whether a replica is worth asking: as long as it was of use, and then once a second until it is again.
package struct ReplicaStanding {
    /// How long a replica that was of no use is left alone.
    package static let rest = Duration.seconds(1)
    /// How long it may be of no use before that is worth a line in the log: a burst of changes is not.
    package static let bound = Duration.seconds(5)

    private var uselessSince: MonotonicTime?
    private var nextAttempt: MonotonicTime?
    private var isReported = false

    /// Of use, until it turns out otherwise.
    package init() {}

    /// Whether to ask it now; who may is the only one until the next rest is over, when it was of no use.
    package mutating func mayAsk(at now: MonotonicTime) -> Bool {
        guard let nextAttempt else { return true }
        guard nextAttempt <= now else { return false }
        self.nextAttempt = now + Self.rest
        return true
    }

    /// Notes that it was of no use; whether that has to be reported.
    package mutating func failed(at now: MonotonicTime) -> Bool {
        let since = uselessSince ?? now
        uselessSince = since
        nextAttempt = now + Self.rest
        guard !isReported, now - since >= Self.bound else { return false }
        isReported = true
        return true
    }

    /// Notes that it was of use; whether that has to be reported.
    package mutating func succeeded() -> Bool {
        defer { self = ReplicaStanding() }
        return isReported
    }
}
