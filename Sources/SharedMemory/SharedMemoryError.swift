// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Why memory cannot be shared.
package enum SharedMemoryError: Error, Hashable, Sendable {
    /// The system refused it.
    case system(SystemCallError)
    /// What was inherited is no memory of Postern, or its size is not what it says.
    case foreign
    /// It was made by a release that lays it out in another way.
    case otherLayout(version: UInt64)
}

extension SharedMemoryError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system(let error): "\(error)"
        case .foreign: "not the memory of a Postern supervisor"
        case .otherLayout(let version): "layout \(version) instead of \(SharedMemoryLayout.version)"
        }
    }
}
