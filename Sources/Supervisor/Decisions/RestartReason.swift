// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Why another worker takes the place of one.
package enum RestartReason: String, CaseIterable, Hashable, Sendable {
    /// It ended by itself, or somebody else ended it.
    case crash
    /// It was ended because it gave no sign of life, or did not become ready in time.
    case stuck
    /// It was old, or too large.
    case recycled
    case reload
    case upgrade
}

extension ProgramSource {
    /// Why workers of this program take the places of others, all of them.
    var restartReason: RestartReason {
        switch self {
        case .running: .reload
        case .installed: .upgrade
        }
    }
}
