// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension FieldType<Cursor> {
    /// A place in a list that is sorted by id.
    static var cursor: FieldType {
        FieldType(schema: ["type": "string", "pattern": .string(Cursor.pattern)]) { value throws(FieldRefusal) in
            guard let cursor = value.string.flatMap(Cursor.init(_:)), cursor.term == nil else { throw .notACursor }
            return cursor
        }
    }

    /// A place in a list that may be the result of a search.
    static var searchCursor: FieldType {
        FieldType(schema: ["type": "string", "pattern": .string(Cursor.searchPattern)]) {
            value throws(FieldRefusal) in
            guard let cursor = value.string.flatMap(Cursor.init(_:)) else { throw .notACursor }
            return cursor
        }
    }
}

extension FieldRefusal {
    fileprivate static var notACursor: FieldRefusal {
        FieldRefusal("invalid", "must be the next_cursor of an earlier answer")
    }
}
