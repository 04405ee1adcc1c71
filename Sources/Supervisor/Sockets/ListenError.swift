// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// An address that cannot be listened on, with one line for the operator.
package struct ListenError: Error, Hashable, Sendable, CustomStringConvertible {
    package let address: ListenAddress
    /// Why, in the system's words: `Permission denied`.
    package let reason: String

    package var description: String {
        "cannot listen on \(address): \(reason)"
    }
}
