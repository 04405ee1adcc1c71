// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A body or a set of query parameters that a caller sends.
package protocol RequestSchema: Sendable {
    /// Everything it may hold; anything else is refused.
    static var fields: [any FieldDescription] { get }

    /// Takes the checked values over.
    init(_ values: FieldValues) throws(DomainError)
}

extension RequestSchema {
    /// JSON Schema (2020-12) of the object; its title is the type's own name.
    package static var schema: JSONValue {
        .object([
            "title": .string(String(describing: Self.self)),
            "type": "object",
            "properties": .object(Dictionary(fields.map { ($0.name, $0.documentation) }) { first, _ in first }),
            "required": .array(fields.filter(\.isRequired).map { .string($0.name) }),
            "additionalProperties": false,
        ])
    }

    /// Reads a JSON object.
    ///
    /// - Throws: ``ErrorCode/validationFailed`` naming each field that is wrong.
    package static func read(_ json: JSONValue) throws(DomainError) -> Self {
        guard let members = json.object else {
            throw DomainError(.validationFailed, "The body must be a JSON object.")
        }
        return try Self(FieldValues(members, fields: fields))
    }

    /// Reads query parameters: each value becomes a whole number or a boolean where the field wants one.
    ///
    /// - Throws: ``ErrorCode/validationFailed`` naming each parameter that is wrong, unknown or repeated.
    package static func read(query: [(name: String, value: String)]) throws(DomainError) -> Self {
        var members: [String: JSONValue] = [:]
        var repeated: Set<String> = []
        for (name, value) in query {
            let value = value.asJSON(fields.first { $0.name == name }?.schema["type"])
            if members.updateValue(value, forKey: name) != nil { repeated.insert(name) }
        }
        return try Self(FieldValues(members, repeated: repeated, fields: fields))
    }
}

extension String {
    fileprivate func asJSON(_ type: JSONValue?) -> JSONValue {
        switch type?.string {
        // As JSON writes it: neither "+1" nor "01".
        case "integer": Int64(self).flatMap { $0.description == self ? .integer($0) : nil } ?? .string(self)
        case "boolean": self == "true" ? .bool(true) : self == "false" ? .bool(false) : .string(self)
        default: .string(self)
        }
    }
}
