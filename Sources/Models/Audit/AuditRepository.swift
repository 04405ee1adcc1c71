// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where audit events live: they are added, and months of them are dropped.
///
/// Every method throws ``DomainError`` with ``ErrorCode/unavailable`` when the database cannot be asked.
package protocol AuditRepository: Sendable {
    /// Stores `event`: in the transaction of the change that it tells, so that neither is there without the other.
    func record(_ event: AuditEvent) async throws(DomainError)

    /// Events that `filter` lets pass, newest first, at most `limit`, after the event `after`.
    func list(
        _ filter: AuditFilter,
        after: Identifier<AuditEvent>?,
        limit: Int
    ) async throws(DomainError) -> [AuditEvent]

    /// Makes the place for the events of the month that is `months` after that of `instant`.
    ///
    /// - Returns: Whether it was made: false when it is there.
    /// - Throws: ``ErrorCode/unavailable`` when somebody holds a lock that is needed, too.
    func makePartition(of instant: Timestamp, plus months: Int) async throws(DomainError) -> Bool

    /// When the oldest of the events happened for whose month there is no partition; nil when there is none.
    func oldestWithoutPartition() async throws(DomainError) -> Timestamp?

    /// Drops the oldest month that ended before `instant`.
    ///
    /// - Returns: What was dropped; nil when there is none.
    /// - Throws: as ``makePartition(of:plus:)``.
    func dropPartition(before instant: Timestamp) async throws(DomainError) -> String?
}

extension AuditRepository {
    /// Records what happens now, because of the request that this task works on.
    package func record(
        _ action: AuditAction,
        of subject: AuditSubject,
        by actor: AuditActor,
        at instant: Timestamp,
        _ details: [String: JSONValue] = [:]
    ) async throws(DomainError) {
        try await record(AuditEvent(action, of: subject, by: actor, at: instant, details))
    }
}
