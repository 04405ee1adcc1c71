// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// One member of a response body.
package struct Property<Root: Sendable>: Sendable {
    package let name: String
    /// The name as JSON has it, which is the same in every object.
    let encodedName: [UInt8]
    let write: @Sendable (Root, inout JSONWriter) -> Void
    private let describe: @Sendable () -> JSONValue

    private init(
        name: String,
        describe: @escaping @Sendable () -> JSONValue,
        write: @escaping @Sendable (Root, inout JSONWriter) -> Void
    ) {
        self.name = name
        self.encodedName = JSONWriter.encoded(name: name)
        self.describe = describe
        self.write = write
    }

    private init(
        _ name: String,
        _ summary: String?,
        _ schema: @autoclosure @escaping @Sendable () -> [String: JSONValue],
        _ write: @escaping @Sendable (Root, inout JSONWriter) -> Void
    ) {
        let describe: @Sendable () -> JSONValue = {
            var schema = schema()
            schema["description"] = summary.map(JSONValue.string)
            return .object(schema)
        }
        self.init(name: name, describe: describe, write: write)
    }

    /// JSON Schema (2020-12).
    ///
    /// Made when it is asked for: a page declares its members for every answer.
    package var schema: JSONValue { describe() }

    /// The same member in an object that holds a `Root`.
    package func pulled<Outer>(_ root: @escaping @Sendable (Outer) -> Root) -> Property<Outer> {
        Property<Outer>(name: name, describe: describe) { outer, json in write(root(outer), &json) }
    }

    /// A text.
    package static func text(
        _ name: String,
        _ summary: String? = nil,
        _ value: @escaping @Sendable (Root) -> String
    ) -> Property {
        Property(name, summary, ["type": "string"]) { root, json in json.value(value(root)) }
    }

    /// A text or null.
    package static func text(
        _ name: String,
        _ summary: String? = nil,
        orNull value: @escaping @Sendable (Root) -> String?
    ) -> Property {
        Property(name, summary, ["type": ["string", "null"]]) { root, json in
            if let text = value(root) { json.value(text) } else { json.null() }
        }
    }

    /// A list of texts, written in alphabetical order so that answers can be compared.
    package static func texts<Texts: Sequence<String> & Sendable>(
        _ name: String,
        _ summary: String? = nil,
        _ value: @escaping @Sendable (Root) -> Texts
    ) -> Property {
        Property(name, summary, ["type": "array", "items": ["type": "string"]]) { root, json in
            json.value(value(root).sorted())
        }
    }

    /// A UUID.
    package static func id<Entity>(
        _ name: String,
        _ summary: String? = nil,
        _ value: @escaping @Sendable (Root) -> Identifier<Entity>
    ) -> Property {
        Property(name, summary, ["type": "string", "format": "uuid"]) { root, json in json.value(value(root).uuid) }
    }

    /// A UUID or null.
    package static func id<Entity>(
        _ name: String,
        _ summary: String? = nil,
        orNull value: @escaping @Sendable (Root) -> Identifier<Entity>?
    ) -> Property {
        Property(name, summary, ["type": ["string", "null"], "format": "uuid"]) { root, json in
            if let id = value(root) { json.value(id.uuid) } else { json.null() }
        }
    }

    /// An object whose members are not known beforehand, written in alphabetical order.
    package static func object(
        _ name: String,
        _ summary: String? = nil,
        _ value: @escaping @Sendable (Root) -> [String: JSONValue]
    ) -> Property {
        Property(name, summary, ["type": "object"]) { root, json in json.value(.object(value(root))) }
    }

    /// A whole number.
    package static func integer(
        _ name: String,
        _ summary: String? = nil,
        _ value: @escaping @Sendable (Root) -> Int64
    ) -> Property {
        Property(name, summary, ["type": "integer"]) { root, json in json.value(value(root)) }
    }

    /// A boolean.
    package static func boolean(
        _ name: String,
        _ summary: String? = nil,
        _ value: @escaping @Sendable (Root) -> Bool
    ) -> Property {
        Property(name, summary, ["type": "boolean"]) { root, json in json.value(value(root)) }
    }

    /// An instant in RFC 3339 form.
    package static func time(
        _ name: String,
        _ summary: String? = nil,
        _ value: @escaping @Sendable (Root) -> Timestamp
    ) -> Property {
        Property(name, summary, ["type": "string", "format": "date-time"]) { root, json in json.value(value(root)) }
    }

    /// An instant in RFC 3339 form, or null.
    package static func time(
        _ name: String,
        _ summary: String? = nil,
        orNull value: @escaping @Sendable (Root) -> Timestamp?
    ) -> Property {
        Property(name, summary, ["type": ["string", "null"], "format": "date-time"]) { root, json in
            if let instant = value(root) { json.value(instant) } else { json.null() }
        }
    }

    /// A list of objects.
    package static func objects<Item: ResponseSchema>(
        _ name: String,
        _ summary: String? = nil,
        _ value: @escaping @Sendable (Root) -> [Item]
    ) -> Property {
        Property(name, summary, ["type": "array", "items": Item.schema]) { root, json in
            json.array(value(root)) { json, item in item.write(to: &json) }
        }
    }
}
