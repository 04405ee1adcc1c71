// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The fields of a line that is written so often that a dictionary of them would cost more than the line.
///
/// None has a name of the line's own: `ts`, `level`, `msg` or `omitted`.
package struct LogFields: Sendable {
    /// A field and what stands in it.
    package typealias Field = (name: String, value: String)

    /// In the order of the line.
    private(set) var fields: [Field] = []

    package init() {
        fields.reserveCapacity(16)
    }

    /// Adds a field behind the others.
    package mutating func append(_ name: String, _ value: String) {
        fields.append((name, value))
    }

    /// Whether there is a field of this name.
    package func contains(_ name: String) -> Bool {
        fields.contains { $0.name == name }
    }
}
