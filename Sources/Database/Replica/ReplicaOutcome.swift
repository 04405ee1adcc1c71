// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What became of a read that a replica may answer: the replica did, or why the primary has to.
package enum ReplicaOutcome: Int, CaseIterable, Sendable {
    case answered
    /// No connection to it is up.
    case disconnected
    /// It was of no use less than a second ago.
    case resting
    /// It has not replayed what was committed before the read.
    case behind
    /// It is no standby, or not one of this primary.
    case unfit
    /// It, or the primary when asked how far it is, did not give an answer.
    case failed
}
