// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Which page of a list is wanted.
package struct PageQuery: RequestSchema {
    package let limit: Int
    package let cursor: Cursor?

    static let limit = Field("limit", .integer(1...200), "How many items at most.", default: 50)
    static let cursor = Field(
        "cursor",
        .omittable(.cursor),
        "The next_cursor of the page before.",
        default: nil
    )

    package static let fields: [any FieldDescription] = [limit, cursor]

    package init(_ values: FieldValues) throws(DomainError) {
        self.limit = Int(try values.get(Self.limit))
        self.cursor = try values.get(Self.cursor)
    }
}
