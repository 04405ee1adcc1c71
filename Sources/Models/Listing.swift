// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The items of one page.
package struct Listing<Item: Sendable>: Sendable {
    package let items: [Item]
    /// Whether more items follow.
    package let hasMore: Bool

    /// The first `limit` of `fetched`; one more was asked for, to see whether more follow.
    package init(fetched: [Item], limit: Int) {
        self.items = Array(fetched.prefix(limit))
        self.hasMore = fetched.count > limit
    }
}
