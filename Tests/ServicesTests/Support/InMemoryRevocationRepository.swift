// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

import struct FoundationEssentials.UUID

/// Each note is a transaction of its own, and pages are small.
final class InMemoryRevocationRepository: RevocationRepository {
    private struct State {
        var revocations: [Revocation] = []
        var removedBefore: Timestamp?
    }

    private static let pageSize = 10

    let outage = Outage()
    private let state = Mutex(State())

    /// The instant of the last removal.
    var removedBefore: Timestamp? { state.withLock { $0.removedBefore } }

    func note(_ kind: Revocation.Kind, _ subject: UUID) {
        state.withLock { state in
            let transaction = Int64(state.revocations.count + 1)
            state.revocations.append(Revocation(transaction: transaction, kind: kind.rawValue, subject: subject))
        }
    }

    /// Another server takes over that never had any of it.
    func lose() {
        state.withLock { $0.revocations = [] }
    }

    func page(from transaction: Int64, after last: Revocation?) throws(DomainError) -> RevocationPage {
        try outage.check()
        return state.withLock { state in
            let place = last?.transaction ?? transaction - 1
            let page = Array(state.revocations.filter { $0.transaction > place }.prefix(Self.pageSize))
            return RevocationPage(
                horizon: Int64(state.revocations.count + 1),
                revocations: page,
                isFull: page.count == Self.pageSize
            )
        }
    }

    func remove(before instant: Timestamp) throws(DomainError) {
        try outage.check()
        state.withLock { $0.removedBefore = instant }
    }
}
