// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Models
import Testing

@Suite struct ListingTests {
    @Test(arguments: [([], [], false), ([1], [1], false), ([1, 2], [1, 2], false), ([1, 2, 3], [1, 2], true)])
    func init_keepsThePageAndSaysWhetherMoreFollow(fetched: [Int], items: [Int], hasMore: Bool) {
        let listing = Listing(fetched: fetched, limit: 2)
        #expect(listing.items == items)
        #expect(listing.hasMore == hasMore)
    }
}
