// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A JSON document in memory (RFC 8259).
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case integer(Int64)
    /// Any other finite number.
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// The names are unique: ``JSONParser`` refuses a document that repeats one.
    case object([String: JSONValue])
}

extension JSONValue {
    /// The members of an object; nil for anything else.
    package var object: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The elements of an array; nil for anything else.
    package var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The text of a string; nil for anything else.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The value of a whole number; nil for anything else.
    package var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The value of a boolean; nil for anything else.
    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The member `name` of an object; nil when there is none or this is no object.
    package subscript(name: String) -> JSONValue? {
        object?[name]
    }

    /// Reads one document.
    ///
    /// - Throws: ``JSONError`` when `bytes` are not exactly one valid document.
    package init(parsing bytes: some Collection<UInt8>, maximumDepth: Int = JSONParser.maximumDepth) throws(JSONError) {
        var parser = JSONParser(Array(bytes), maximumDepth: maximumDepth)
        self = try parser.parseDocument()
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}
