// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What a change says of one field: nothing, or its new value.
package enum Change<Value: Sendable>: Sendable {
    case keep
    case set(Value)

    /// The new value, or else the present one.
    package func applied(to present: Value) -> Value {
        switch self {
        case .keep: present
        case .set(let value): value
        }
    }
}

extension Change: Equatable where Value: Equatable {}
extension Change: Hashable where Value: Hashable {}
