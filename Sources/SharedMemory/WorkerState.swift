// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What a worker is at, as it stands in its slot.
package enum WorkerState: UInt64, Sendable {
    case empty = 0
    case starting
    case ready
    case draining
}

extension WorkerState: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "empty"
        case .starting: "starting"
        case .ready: "ready"
        case .draining: "draining"
        }
    }
}
