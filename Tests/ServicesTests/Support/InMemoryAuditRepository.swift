// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Synchronization

final class InMemoryAuditRepository: AuditRepository {
    /// Partitions as a test wants them.
    struct Partitions: Equatable {
        /// How many months after which instant.
        var made: [Timestamp: [Int]] = [:]
        /// When events happened that have none.
        var missing: Set<Timestamp> = []
        /// Names of old ones, in their order.
        var old: [String] = []
        var droppedBefore: Set<Timestamp> = []
    }

    let outage = Outage()
    private let store: InMemoryStore
    let partitions = Mutex(Partitions())

    init(store: InMemoryStore) {
        self.store = store
    }

    /// Every event, in the order of recording.
    var all: [AuditEvent] { store.tables.auditEvents }

    func record(_ event: AuditEvent) throws(DomainError) {
        // Outside of one, the change could be without its event.
        try InMemoryTransactions.requireAny()
        try outage.check()
        try store.access { $0.auditEvents.append(event) }
    }

    func list(
        _ filter: AuditFilter,
        after: Identifier<AuditEvent>?,
        limit: Int
    ) -> [AuditEvent] {
        all.page(after: after, limit: limit, id: \.id)
    }

    func makePartition(of instant: Timestamp, plus months: Int) -> Bool {
        partitions.withLock { partitions in
            partitions.made[instant, default: []].append(months)
            return partitions.missing.remove(instant) != nil
        }
    }

    func oldestWithoutPartition() -> Timestamp? {
        partitions.withLock { $0.missing.min() }
    }

    func dropPartition(before instant: Timestamp) -> String? {
        partitions.withLock { partitions in
            partitions.droppedBefore.insert(instant)
            return partitions.old.isEmpty ? nil : partitions.old.removeFirst()
        }
    }
}
