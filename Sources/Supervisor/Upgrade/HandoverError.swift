// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Why a supervisor cannot go on where another one ended.
package enum HandoverError: Error, Hashable, Sendable {
    case system(SystemCallError)
    /// Nothing that a supervisor leaves.
    case unreadable
}

extension HandoverError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system(let error): "the state of the earlier supervisor is lost: \(error)"
        case .unreadable: "the state of the earlier supervisor is not understood"
        }
    }
}
