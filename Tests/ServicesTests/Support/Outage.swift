// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Synchronization

/// Whether the database of a repository answers, as a test decides.
final class Outage: Sendable {
    private let isOn = Mutex(false)

    func begin() {
        isOn.withLock { $0 = true }
    }

    func end() {
        isOn.withLock { $0 = false }
    }

    /// - Throws: ``ErrorCode/unavailable`` during the outage.
    func check() throws(DomainError) {
        guard !isOn.withLock({ $0 }) else { throw DomainError(.unavailable, "The database does not answer.") }
    }
}
