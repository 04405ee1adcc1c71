// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The checked values of a set of fields.
package struct FieldValues: Sendable {
    private let values: [String: any Sendable]

    /// Checks `input` against `fields`.
    ///
    /// - Parameters:
    ///   - input: The fields as they came.
    ///   - repeated: Names that came more than once.
    ///   - fields: What may be there.
    /// - Throws: ``ErrorCode/validationFailed`` naming every field that is wrong, missing, repeated or unknown.
    init(
        _ input: [String: JSONValue],
        repeated: Set<String> = [],
        fields: [any FieldDescription]
    ) throws(DomainError) {
        var values: [String: any Sendable] = [:]
        var refused: [DomainError.Field] = []
        for field in fields {
            do throws(FieldRefusal) {
                guard !repeated.contains(field.name) else { throw .repeated.inside(field.name) }
                values[field.name] = try field.read(input[field.name])
            } catch {
                refused.append(DomainError.Field(error.place, code: error.code, message: error.message))
            }
        }
        let unknown = input.keys.filter { name in !fields.contains { $0.name == name } }
        for name in unknown.sorted().prefix(20) {
            let refusal = repeated.contains(name) ? FieldRefusal.repeated : .unknown
            refused.append(DomainError.Field(String(name.prefix(64)), code: refusal.code, message: refusal.message))
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

extension FieldRefusal {
    fileprivate static var repeated: FieldRefusal { FieldRefusal("repeated", "is given more than once") }
    fileprivate static var unknown: FieldRefusal { FieldRefusal("unknown", "is not a known field") }
}
