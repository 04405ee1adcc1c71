// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

final class InMemorySigningKeyRepository: SigningKeyRepository {
    private struct State {
        var records: [SigningKeyRecord] = []
        var beforeInsert: (@Sendable () -> Void)?
    }

    let outage = Outage()
    private let state = Mutex(State())

    var records: [SigningKeyRecord] { state.withLock { $0.records } }

    func put(_ record: SigningKeyRecord) {
        state.withLock { $0.records.append(record) }
    }

    /// Runs `body` once, before the next key is inserted: for what another worker does meanwhile.
    func beforeNextInsert(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.beforeInsert = body }
    }

    func all() throws(DomainError) -> [SigningKeyRecord] {
        try outage.check()
        return records
    }

    func insertFirst(_ key: SigningKeyRecord) throws(DomainError) -> Bool {
        try outage.check()
        let meanwhile = state.withLock { state in
            defer { state.beforeInsert = nil }
            return state.beforeInsert
        }
        meanwhile?()
        return state.withLock { state in
            guard state.records.allSatisfy({ $0.retiredAt != nil }) else { return false }
            state.records.append(key)
            return true
        }
    }
}
