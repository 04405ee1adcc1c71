// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What a pool is at.
package struct PoolStatus: Hashable, Sendable {
    /// Connections that are up.
    package let open: Int
    /// Those of them that owe an answer, or are kept for a transaction.
    package let busy: Int
    /// Statements that wait for a connection.
    package let waiting: Int
}
