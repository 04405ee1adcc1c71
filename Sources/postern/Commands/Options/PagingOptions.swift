// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Schemas

/// Which part of a list is wanted.
struct PagingOptions: ParsableArguments {
    /// Some items of a list, and where the next one begins.
    struct Part<Item: Sendable>: Sendable {
        let items: [Item]
        let next: Cursor?
    }

    private static let sizes = 1...200

    @Option(help: "How many at most, from 1 to 200. (default: 50)")
    var limit: Int?

    @Option(help: "Go on where the page before ended.", transform: Cursor.argument)
    var cursor: Cursor?

    @Flag(help: "List everything, page after page.")
    var all = false

    func validate() throws {
        guard limit.map(Self.sizes.contains) ?? true else { throw ValidationError("--limit must be from 1 to 200.") }
        guard limit == nil || !all else { throw ValidationError("--limit and --all exclude each other.") }
    }

    /// Takes one page from `list`, which gives them by place and size, or all there are; `place` is that behind an item.
    func part<Item: Sendable>(
        cursor place: (Item) -> Cursor,
        _ list: (Cursor?, Int) async throws -> Listing<Item>
    ) async throws -> Part<Item> {
        let size = all ? Self.sizes.upperBound : limit ?? 50
        var items: [Item] = []
        var next = cursor
        repeat {
            let page = try await list(next, size)
            items += page.items
            next = page.hasMore ? page.items.last.map(place) : nil
        } while all && next != nil
        return Part(items: items, next: next)
    }
}
