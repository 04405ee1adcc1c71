// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Watches what a replica is good for.
package protocol ReplicaObserver: Sendable {
    /// A read could have been answered by the replica.
    func read(_ outcome: ReplicaOutcome)
}
