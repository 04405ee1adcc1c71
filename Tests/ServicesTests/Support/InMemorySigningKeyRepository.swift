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
        try insert(key) { $0.allSatisfy { $0.retiredAt != nil } }
    }

    func insertSuccessor(_ key: SigningKeyRecord, of kid: String) throws(DomainError) -> Bool {
        try insert(key) { records in
            guard let index = records.firstIndex(where: { $0.kid == kid && $0.retiredAt == nil }) else { return false }
            records[index] = records[index].retired(at: key.activatesAt)
            return true
        }
    }

    func replaceAll(with key: SigningKeyRecord) throws(DomainError) -> Bool {
        let seen = records
        return try insert(key) { records in
            guard records.count == seen.count else { return false }
            records = []
            return true
        }
    }

    func rewrap(_ kid: String, from old: [UInt8], to new: [UInt8]) throws(DomainError) {
        try outage.check()
        state.withLock { state in
            for (index, record) in state.records.enumerated() where record.wrappedPrivateKey == old {
                state.records[index] = record.wrapped(as: new)
            }
        }
    }

    func remove(retiredBy instant: Timestamp) throws(DomainError) {
        try outage.check()
        state.withLock { $0.records.removeAll { $0.retiredAt.map { $0 <= instant } ?? false } }
    }

    /// Inserts `key` when `prepare` says so, after what another worker does meanwhile.
    private func insert(
        _ key: SigningKeyRecord,
        prepare: (inout [SigningKeyRecord]) -> Bool
    ) throws(DomainError) -> Bool {
        try outage.check()
        let meanwhile = state.withLock { state in
            defer { state.beforeInsert = nil }
            return state.beforeInsert
        }
        meanwhile?()
        return state.withLock { state in
            guard prepare(&state.records) else { return false }
            state.records.append(key)
            return true
        }
    }
}

extension SigningKeyRecord {
    fileprivate func retired(at instant: Timestamp) -> SigningKeyRecord {
        SigningKeyRecord(
            kid: kid,
            wrappedPrivateKey: wrappedPrivateKey,
            createdAt: createdAt,
            activatesAt: activatesAt,
            retiredAt: instant
        )
    }

    fileprivate func wrapped(as bytes: [UInt8]) -> SigningKeyRecord {
        SigningKeyRecord(
            kid: kid,
            wrappedPrivateKey: bytes,
            createdAt: createdAt,
            activatesAt: activatesAt,
            retiredAt: retiredAt
        )
    }
}
