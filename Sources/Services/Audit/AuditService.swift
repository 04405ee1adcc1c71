// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging
import Models

/// Shows audit events, and keeps their table in order.
///
/// They are written by whoever makes the change, in its transaction.
package struct AuditService: Sendable {
    /// How many months beyond the present one have a partition.
    static let monthsAhead = 2

    private let audit: any AuditRepository
    private let configuration: AuditConfiguration
    private let clock: any WallClock
    private let logger: Logger

    /// - Parameters:
    ///   - audit: Where events live.
    ///   - configuration: How long they are kept.
    ///   - clock: The time of day.
    ///   - logger: Gets a line for each month that is dropped.
    package init(
        audit: any AuditRepository,
        configuration: AuditConfiguration,
        clock: any WallClock,
        logger: Logger
    ) {
        self.audit = audit
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
    }

    /// The events that `filter` lets pass, newest first.
    package func list(
        _ filter: AuditFilter,
        after: Identifier<AuditEvent>?,
        limit: Int
    ) async throws(DomainError) -> Listing<AuditEvent> {
        Listing(fetched: try await audit.list(filter, after: after, limit: limit + 1), limit: limit)
    }

    /// Makes the partitions of the months to come, and drops those that are older than is kept.
    ///
    /// Any number of workers may do this at once.
    ///
    /// - Throws: ``ErrorCode/unavailable`` when somebody holds a lock that is needed, too: try again later.
    package func keepPartitions() async throws(DomainError) {
        let now = clock.now()
        for months in 0...Self.monthsAhead { _ = try await audit.makePartition(of: now, plus: months) }
        // What came while nobody made any.
        while let oldest = try await audit.oldestWithoutPartition(),
            try await audit.makePartition(of: oldest, plus: 0)
        {}
        guard let retention = configuration.retention else { return }
        while let name = try await audit.dropPartition(before: now - retention) {
            logger.notice("audit events dropped", metadata: ["partition": "\(name)"])
        }
    }
}
