// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A body that a caller gets.
///
/// The properties are declared once: they write the JSON and describe it.
package protocol ResponseSchema: Sendable {
    /// The members, in the order in which they are written.
    static var properties: [Property<Self>] { get }

    /// What the API's description calls the object.
    static var schemaName: String { get }

    /// Writes the object.
    ///
    /// A requirement, so that the compiler makes a body for each type: a generic one takes longer.
    func write(to json: inout JSONWriter)
}

extension ResponseSchema {
    package func write(to json: inout JSONWriter) {
        json.object { json in
            let all = Self.properties
            // A plain loop would count references to the name and the two closures of every member.
            let properties = all.span
            for index in properties.indices {
                json.name(encoded: properties[index].encodedName.span)
                properties[index].write(self, &json)
            }
        }
    }

    /// The body's bytes.
    package var json: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// The type's own name without `Response`.
    package static var schemaName: String {
        let name = String(describing: Self.self)
        return name.hasSuffix("Response") ? String(name.dropLast("Response".count)) : name
    }

    /// JSON Schema (2020-12) of the object; its title is ``schemaName``.
    package static var schema: JSONValue {
        .object([
            "title": .string(schemaName),
            "type": "object",
            "properties": .object(Dictionary(properties.map { ($0.name, $0.schema) }) { first, _ in first }),
            "required": .array(properties.map { .string($0.name) }),
        ])
    }
}
