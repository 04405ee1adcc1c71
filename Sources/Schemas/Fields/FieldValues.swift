// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The checked values of a set of fields.
package struct FieldValues: Sendable {
    private let values: [String: any Sendable]

    /// Checks `input` against `fields`.
    ///
    /// - Throws: ``ErrorCode/validationFailed`` naming every field that is wrong, missing or unknown.
    init(_ input: [String: JSONValue], fields: [any FieldDescription]) throws(DomainError) {
        var values: [String: any Sendable] = [:]
        var refused: [DomainError.Field] = []
        for field in fields {
            do throws(FieldRefusal) {
                values[field.name] = try field.read(input[field.name])
            } catch {
                refused.append(DomainError.Field(error.place, code: error.code, message: error.message))
            }
        }
        for name in Set(input.keys).subtracting(fields.map(\.name)).sorted().prefix(20) {
            refused.append(DomainError.Field(String(name.prefix(64)), code: "unknown", message: "is not a known field"))
        }
        guard refused.isEmpty else {
            throw DomainError(.validationFailed, "The input is not valid.", fields: refused)
        }
        self.values = values
    }

    /// The value of `field`.
    ///
    /// - Throws: ``ErrorCode/internal`` when `field` is none of the fields that were checked: a mistake in a schema.
    package func get<Value>(_ field: Field<Value>) throws(DomainError) -> Value {
        guard let value = values[field.name] as? Value else {
            throw DomainError(.internal, "The field \(field.name) was not declared.")
        }
        return value
    }
}
