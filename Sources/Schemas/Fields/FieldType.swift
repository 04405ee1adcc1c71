// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What a field may hold: how it is read from JSON, and how it describes itself as JSON Schema.
///
/// Declared once, so that the check and the documentation cannot drift apart.
package struct FieldType<Value: Sendable>: Sendable {
    /// The JSON Schema (2020-12) of the field.
    package let schema: JSONValue
    let read: @Sendable (JSONValue) throws(FieldRefusal) -> Value

    init(schema: [String: JSONValue], read: @escaping @Sendable (JSONValue) throws(FieldRefusal) -> Value) {
        self.schema = .object(schema)
        self.read = read
    }
}
