// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The right of one transaction to a connection of its own, under the number of the request that began it.
struct Lease: Hashable, Sendable {
    let number: UInt64
}
