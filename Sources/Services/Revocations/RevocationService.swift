// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging
import Models
import Synchronization

/// Keeps the ``RevocationList`` of this process: reads what is new, four times a second.
package final class RevocationService: Sendable {
    /// From the beginning of one round to the beginning of the next, when nothing is slow.
    package static let interval = Duration.milliseconds(250)
    /// How long an answer may take; the repository is to keep to it.
    ///
    /// A change that is committed just after a round has begun is seen in the next one: two slow rounds are a second.
    package static let patience = Duration.milliseconds(500)
    /// How old it may be before others had better take the requests.
    ///
    /// Longer, so that a host which is only slow does not also lose its share of the work.
    package static let maximumAge = Duration.seconds(5)

    private let revocations: any RevocationRepository
    private let list: RevocationList
    private let clock: any WallClock
    private let logger: Logger
    private let cursor = Mutex(RevocationCursor())

    /// - Parameters:
    ///   - revocations: Where revocations are written.
    ///   - list: What is kept.
    ///   - clock: The time of day.
    ///   - logger: Gets a line when the list is too old, and when it is not any more.
    package init(
        revocations: any RevocationRepository,
        list: RevocationList,
        clock: any WallClock,
        logger: Logger
    ) {
        self.revocations = revocations
        self.list = list
        self.clock = clock
        self.logger = logger
    }

    /// Reads what is new.
    ///
    /// One task does it at a time.
    ///
    /// - Throws: ``ErrorCode/unavailable`` when the database does not answer soon enough; what was read until then counts.
    package func load() async throws(DomainError) {
        let start = MonotonicTime.now()
        var isRoundOver = false
        while !isRoundOver {
            let place = cursor.withLock { (start: $0.start, last: $0.last) }
            let page = try await revocations.page(from: place.start, after: place.last)
            // Another server took over that never had the last transactions.
            if page.horizon < place.start { list.noteGap() }
            let new: [Revocation]
            (new, isRoundOver) = cursor.withLock { $0.take(page) }
            list.add(new, at: clock.now())
        }
        list.complete(asOf: start)
    }

    /// - Throws: ``ErrorCode/unavailable`` when nothing was read for so long that tokens may be accepted which were
    ///   revoked long ago.
    package func checkAge(at now: MonotonicTime = .now()) throws(DomainError) {
        guard let readAt = list.readAt, now - readAt <= Self.maximumAge else {
            throw DomainError(.unavailable, "The revocations are not known.")
        }
    }

    /// Reads again and again until the task is cancelled.
    package func keepLoaded() async {
        var lastSuccess = MonotonicTime.now()
        var isLate = false
        while !Task.isCancelled {
            let start = MonotonicTime.now()
            do throws(DomainError) {
                try await load()
                lastSuccess = start
                if isLate { logger.notice("revocations read again") }
                isLate = false
            } catch {
                if !isLate, !Task.isCancelled, MonotonicTime.now() - lastSuccess > RevocationList.bound {
                    logger.warning(
                        "revocations not read; tokens that were revoked since are still accepted",
                        error: error
                    )
                    isLate = true
                }
            }
            try? await TaskTimer.sleep(for: Self.interval - min(MonotonicTime.now() - start, Self.interval))
        }
    }

    /// Removes and forgets what cannot concern a token any more at `instant`.
    ///
    /// - Throws: ``ErrorCode/unavailable`` when the database does not answer.
    package func removeExpired(at instant: Timestamp) async throws(DomainError) {
        list.removeExpired(at: instant)
        try await revocations.remove(before: instant - RevocationList.memory)
    }
}
