// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

final class InMemoryIdempotencyRepository: IdempotencyRepository {
    private let store: InMemoryStore

    init(store: InMemoryStore) {
        self.store = store
    }

    func take(
        keyHash: [UInt8],
        fingerprint: [UInt8],
        at instant: Timestamp,
        expiresAt: Timestamp
    ) throws(DomainError) -> StoredReply? {
        try InMemoryTransactions.requireAny()
        return try store.access { tables throws(DomainError) in
            if let reply = tables.replies[keyHash], instant < reply.expiresAt, let sealed = reply.sealedReply {
                return StoredReply(fingerprint: reply.fingerprint, sealedReply: sealed)
            }
            tables.replies[keyHash] = .init(fingerprint: fingerprint, expiresAt: expiresAt)
            return nil
        }
    }

    func store(_ sealedReply: String, keyHash: [UInt8]) throws(DomainError) {
        try InMemoryTransactions.requireAny()
        try store.access { tables throws(DomainError) in tables.replies[keyHash]?.sealedReply = sealedReply }
    }

    func removeExpired(before instant: Timestamp) throws(DomainError) {
        try store.access { tables throws(DomainError) in
            tables.replies = tables.replies.filter { instant <= $0.value.expiresAt }
        }
    }
}
