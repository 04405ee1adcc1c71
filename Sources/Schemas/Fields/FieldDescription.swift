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

    /// The field's value out of `value`, which is nil when the input does not have the field.
    func read(_ value: JSONValue?) throws(FieldRefusal) -> any Sendable
}
