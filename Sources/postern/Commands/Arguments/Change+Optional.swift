// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Models

extension Change {
    /// A change when an option gives `value`.
    init(_ value: Value?) {
        self = value.map(Change.set) ?? .keep
    }
}
