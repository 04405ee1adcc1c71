// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The items of one page.
package struct Listing<Item: Sendable>: Sendable {
    package let items: [Item]
    /// Whether more items follow.
    package let hasMore: Bool

    /// The first `limit` of `fetched`; one more was asked for, to see whether more follow.
    package init(fetched: consuming [Item], limit: Int) {
        hasMore = fetched.count > limit
        if hasMore { fetched.removeLast(fetched.count - limit) }
        items = fetched
    }
}
