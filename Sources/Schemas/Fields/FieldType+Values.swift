// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

extension FieldType<Timestamp> {
    /// An instant as RFC 3339 writes it.
    package static var timestamp: FieldType {
        FieldType(schema: ["type": "string", "format": "date-time"]) { value throws(FieldRefusal) in
            guard let text = value.string else { throw FieldRefusal("wrong_type", "must be a string") }
            guard let instant = Timestamp(rfc3339: text) else {
                throw FieldRefusal("invalid", "must be a time such as 2030-01-31T09:00:00Z")
            }
            return instant
        }
    }
}

extension FieldType<Int64> {
    /// A whole number within `range`.
    package static func integer(_ range: ClosedRange<Int64>) -> FieldType {
        FieldType(
            schema: [
                "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
            ]
        ) { value throws(FieldRefusal) in
            guard let number = value.wholeNumber else { throw FieldRefusal("wrong_type", "must be a whole number") }
            guard range.contains(number) else {
                throw FieldRefusal("out_of_range", "must be from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }
}

extension JSONValue {
    /// As JSON Schema counts: 60.0 is an integer too.
    fileprivate var wholeNumber: Int64? {
        if case .number(let value) = self { Int64(exactly: value) } else { integer }
    }
}

extension FieldType<Bool> {
    /// True or false.
    package static var boolean: FieldType {
        FieldType(schema: ["type": "boolean"]) { value throws(FieldRefusal) in
            guard let flag = value.bool else { throw FieldRefusal("wrong_type", "must be true or false") }
            return flag
        }
    }
}

extension FieldType {
    /// A list of at most `limit` elements without repetition.
    package static func list<Element: Hashable & Sendable>(
        of element: FieldType<Element>,
        limit: Int
    ) -> FieldType<[Element]> where Value == [Element] {
        FieldType(
            schema: [
                "type": "array", "items": element.schema, "maxItems": .integer(Int64(limit)), "uniqueItems": true,
            ]
        ) { value throws(FieldRefusal) in
            guard let values = value.array else { throw FieldRefusal("wrong_type", "must be an array") }
            guard values.count <= limit else { throw FieldRefusal("too_long", "must have at most \(limit) elements") }
            var elements: [Element] = []
            var seen: Set<Element> = []
            for (index, value) in values.enumerated() {
                do throws(FieldRefusal) {
                    let element = try element.read(value)
                    guard seen.insert(element).inserted else { throw FieldRefusal("repeated", "is there already") }
                    elements.append(element)
                } catch {
                    throw error.inside("[\(index)]")
                }
            }
            return elements
        }
    }

    /// The same for a field whose absence is nil: null is no value of it.
    package static func omittable<Wrapped: Sendable>(_ type: FieldType<Wrapped>) -> FieldType
    where Value == Wrapped? {
        FieldType(schema: type.schema.object ?? [:]) { value throws(FieldRefusal) in try type.read(value) }
    }

    /// The same, or null.
    package static func optional<Wrapped: Sendable>(_ type: FieldType<Wrapped>) -> FieldType
    where Value == Wrapped? {
        FieldType(schema: ["anyOf": .array([type.schema, .object(["type": "null"])])]) { value throws(FieldRefusal) in
            value == .null ? nil : try type.read(value)
        }
    }
    /// What a change says of a field: an absent field keeps its value; null is a value only where `type` takes it.
    package static func change<Wrapped: Sendable>(_ type: FieldType<Wrapped>) -> FieldType
    where Value == Change<Wrapped> {
        FieldType(schema: type.schema.object ?? [:]) { value throws(FieldRefusal) in .set(try type.read(value)) }
    }
}
