// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A place that cannot be listened on, with one line for the operator.
package struct ListenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An address, or what was handed in by a service manager.
    package let place: String
    /// Why, in the system's words: `Permission denied`.
    package let reason: String
    /// Whether the address is another's, who may let go of it.
    var isTaken = false

    package var description: String {
        "cannot listen on \(place): \(reason)"
    }
}
