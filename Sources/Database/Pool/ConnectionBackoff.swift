// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// When the pool may try to connect again: at once, then after a random part of an interval that doubles with each
/// failure ("full jitter"), so that a fleet of workers does not come back in step.
package struct ConnectionBackoff {
    /// The wait after the first failure is at most this long.
    package static let shortest = Duration.milliseconds(50)
    /// No wait is longer.
    package static let longest = Duration.seconds(5)
    /// No wait is longer while an outage is new: it is probably a restart or a failover, and soon over.
    package static let longestAtFirst = Duration.milliseconds(1500)
    /// How long an outage counts as new.
    package static let newFor = Duration.seconds(30)

    /// Failures since the database was last well.
    package private(set) var failures = 0
    /// No attempt starts before this instant; nil when one may start at any time.
    package private(set) var notBefore: MonotonicTime?
    private var connectedAt: MonotonicTime?
    private var failedFirstAt: MonotonicTime?

    package init() {}

    /// A connection is up: others may follow at once.
    ///
    /// The failures stay counted until the database has been up for a while, so that a server which takes connections
    /// only to drop them is not asked without a pause.
    package mutating func didConnect(at now: MonotonicTime) {
        connectedAt = connectedAt ?? now
        notBefore = nil
    }

    /// An attempt failed, or a connection broke.
    ///
    /// During a pause it is ignored: it comes of the same trouble. `jitter` is random, 0 to 1: the part of the interval
    /// that the pause lasts.
    package mutating func didFail(at now: MonotonicTime, jitter: Double) {
        guard allowsAttempt(at: now) else { return }
        if let connectedAt, now - connectedAt >= Self.longest { failures = 0 }
        connectedAt = nil
        if failures == 0 { failedFirstAt = now }
        failures += 1
        let isNew = failedFirstAt.map { now - $0 < Self.newFor } ?? true
        let interval = min(isNew ? Self.longestAtFirst : Self.longest, Self.shortest * (1 << min(failures - 1, 10)))
        notBefore = now + interval * jitter
    }

    /// Whether an attempt may start.
    package func allowsAttempt(at now: MonotonicTime) -> Bool {
        notBefore.map { $0 <= now } ?? true
    }
}
