// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Why a worker is killed.
package enum KillReason: String, Hashable, Sendable {
    /// It did not become ready in time.
    case bootDeadline = "boot deadline"
    /// It closed its control socket and went on living.
    case controlClosed = "control socket closed"
    /// It did not finish in time after it was told to drain.
    case drainDeadline = "drain deadline"
    /// It had said that it was drained, and went on living.
    case exitDeadline = "exit deadline"
    /// It gave no sign of life and did not end when it was told to write down why.
    case stuck = "stuck"
    /// A second signal asked the supervisor to stop now.
    case secondSignal = "second signal"
}
