// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// With what a statement may share its Sync, and so its implicit transaction.
package enum Sharing: Equatable, Sendable {
    /// With nothing.
    case none
    /// With other reads, which run again when one of them fails.
    case reads
    /// With other short writes: one commit for all of them. When one fails, all are undone, and each runs again alone.
    case writes
}
