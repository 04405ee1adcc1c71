// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A ``Field`` whatever its value's type.
package protocol FieldDescription: Sendable {
    var name: String { get }
    var summary: String { get }
    var isRequired: Bool { get }
    /// JSON Schema (2020-12).
    var schema: JSONValue { get }

    /// What stands for an absent field; nil when it must be there, or when its absence has a meaning of its own.
    var defaultValue: JSONValue? { get }

    /// The field's value out of `value`, which is nil when the input does not have the field.
    func read(_ value: JSONValue?) throws(FieldRefusal) -> any Sendable
}

extension FieldDescription {
    /// ``schema`` together with what the field is for and what stands for it when it is absent.
    package var documentation: JSONValue {
        var members = schema.object ?? [:]
        members["description"] = .string(summary)
        members["default"] = defaultValue
        return .object(members)
    }
}
