// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Schemas
import TerminalText

/// How a command shows what it found or made.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Write the JSON of the API.")
    var json = false

    /// Shows one thing.
    func show<Item>(_ item: Item, _ columns: [Column<Item>], as response: some ResponseSchema) throws {
        if json {
            try Terminal.json(response.json)
        } else {
            try Terminal.data(TextTable(item, columns).description)
        }
    }

    /// Shows a part of a list, and says how to get the rest.
    func show<Item, Response: ResponseSchema>(
        _ part: PagingOptions.Part<Item>,
        _ columns: [Column<Item>],
        as response: (Item) -> Response
    ) throws {
        if json {
            try Terminal.json(Page(items: part.items.map(response), nextCursor: part.next).json)
            return
        }
        try Terminal.data(TextTable(part.items, columns).description)
        if let next = part.next {
            Terminal.message("more follow: go on with --cursor \(next.text), or list all with --all")
        }
    }

    /// Says that something was done that leaves nothing to show; a script sees the exit status.
    func done(_ message: String) {
        if !json { Terminal.message(message) }
    }
}
