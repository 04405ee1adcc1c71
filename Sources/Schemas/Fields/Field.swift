// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// One member of a request body or one query parameter.
package struct Field<Value: Sendable>: FieldDescription {
    package let name: String
    package let summary: String
    package let type: FieldType<Value>
    /// What stands for an absent field; nil when it must be there.
    package let fallback: Value?

    /// A field that must be there.
    package init(_ name: String, _ type: FieldType<Value>, _ summary: String) {
        self.name = name
        self.type = type
        self.summary = summary
        self.fallback = nil
    }

    /// A field that may be absent.
    package init(_ name: String, _ type: FieldType<Value>, _ summary: String, default fallback: Value) {
        self.name = name
        self.type = type
        self.summary = summary
        self.fallback = fallback
    }

    package var isRequired: Bool { fallback == nil }
    package var schema: JSONValue { type.schema }

    package var defaultValue: JSONValue? {
        switch fallback {
        case let number as Int64: .integer(number)
        case let flag as Bool: .bool(flag)
        case let text as String: .string(text)
        default: nil
        }
    }

    package func read(_ value: JSONValue?) throws(FieldRefusal) -> any Sendable {
        guard let value else {
            guard let fallback else { throw FieldRefusal("required", "is required", at: name) }
            return fallback
        }
        do throws(FieldRefusal) {
            return try type.read(value)
        } catch {
            throw error.inside(name)
        }
    }
}
