// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Which page of a list is wanted.
package struct PageQuery: RequestSchema {
    package let limit: Int
    package let cursor: Cursor?

    private static let limit = Field("limit", .integer(1...200), "How many items at most.", default: 50)
    private static let cursor = Field(
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

extension FieldType<Cursor> {
    /// A ``Cursor``.
    fileprivate static var cursor: FieldType {
        FieldType(schema: ["type": "string", "pattern": .string(Cursor.pattern)]) { value throws(FieldRefusal) in
            guard let cursor = value.string.flatMap(Cursor.init(_:)) else {
                throw FieldRefusal("invalid", "must be the next_cursor of an earlier answer")
            }
            return cursor
        }
    }
}
