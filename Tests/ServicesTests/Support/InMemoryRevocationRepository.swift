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
        var isHanging = false
        var waiting: [CheckedContinuation<Void, Never>] = []
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

    /// From now on nobody gets an answer.
    func hang() {
        state.withLock { $0.isHanging = true }
    }

    /// Answers whoever waits, and does so from now on.
    func answer() {
        let waiting = state.withLock { state in
            state.isHanging = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func page(from transaction: Int64, after last: Revocation?) async throws(DomainError) -> RevocationPage {
        try outage.check()
        await withCheckedContinuation { continuation in
            let mayGoOn = state.withLock { state in
                if state.isHanging { state.waiting.append(continuation) }
                return !state.isHanging
            }
            if mayGoOn { continuation.resume() }
        }
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
