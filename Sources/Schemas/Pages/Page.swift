// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Models

/// One page of a list.
package struct Page<Item: ResponseSchema>: ResponseSchema {
    package let items: [Item]
    /// What to send as `cursor` for the next page; nil on the last one.
    package let nextCursor: Cursor?

    package init(items: [Item], nextCursor: Cursor?) {
        self.items = items
        self.nextCursor = nextCursor
    }

    /// The page that shows `listing`.
    ///
    /// - Parameters:
    ///   - listing: What was found.
    ///   - place: Where an entity stands in the list.
    ///   - show: How callers see an entity.
    package init<Entity>(_ listing: Listing<Entity>, place: (Entity) -> Cursor, show: (Entity) -> Item) {
        self.init(
            items: listing.items.map(show),
            nextCursor: listing.hasMore ? listing.items.last.map(place) : nil
        )
    }

    package static var schemaName: String { "\(Item.schemaName)Page" }

    package static var properties: [Property<Page>] {
        [
            .objects("items") { $0.items },
            .text(
                "next_cursor",
                "What to send as cursor for the next page; null on the last one.",
                orNull: { $0.nextCursor?.text }
            ),
        ]
    }
}
