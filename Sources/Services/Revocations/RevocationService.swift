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
    /// How long an answer may take.
    ///
    /// A change that is committed just after a round has begun is seen in the next one: two slow rounds are a second.
    package static let patience = Duration.milliseconds(500)
    /// How old the list may be before that is worth a line in the log.
    private static let bound = Duration.seconds(1)

    private let revocations: any RevocationRepository
    private let list: RevocationList
    private let patience: Duration
    private let clock: any WallClock
    private let logger: Logger
    private let cursor = Mutex(RevocationCursor())

    /// - Parameters:
    ///   - revocations: Where revocations are written.
    ///   - list: What is kept.
    ///   - patience: How long an answer may take.
    ///   - clock: The time of day.
    ///   - logger: Gets a line when the list is too old, and when it is not any more.
    package init(
        revocations: any RevocationRepository,
        list: RevocationList,
        patience: Duration = RevocationService.patience,
        clock: any WallClock,
        logger: Logger
    ) {
        self.revocations = revocations
        self.list = list
        self.patience = patience
        self.clock = clock
        self.logger = logger
    }

    /// Reads what is new.
    ///
    /// One task does it at a time.
    ///
    /// - Throws: ``ErrorCode/unavailable`` when the database does not answer soon enough; what was read until then counts.
    package func load() async throws(DomainError) {
        var isRoundOver = false
        while !isRoundOver {
            let (start, last) = cursor.withLock { ($0.start, $0.last) }
            let page = try await withDeadline { [revocations] () async throws(DomainError) in
                try await revocations.page(from: start, after: last)
            }
            let new: [Revocation]
            (new, isRoundOver) = cursor.withLock { $0.take(page) }
            list.add(new, at: clock.now())
        }
        list.complete()
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
                if !isLate, !Task.isCancelled, MonotonicTime.now() - lastSuccess > Self.bound {
                    logger.warning(
                        "revocations not read; tokens that were revoked since are still accepted",
                        error: error
                    )
                    isLate = true
                }
            }
            try? await Task.sleep(for: Self.interval - min(MonotonicTime.now() - start, Self.interval))
        }
    }

    /// Removes and forgets what cannot concern a token any more at `instant`.
    ///
    /// - Throws: ``ErrorCode/unavailable`` when the database does not answer.
    package func removeExpired(at instant: Timestamp) async throws(DomainError) {
        list.removeExpired(at: instant)
        try await revocations.remove(before: instant - RevocationList.memory)
    }

    /// Does not wait for a statement that hangs: the next one may take another connection.
    private func withDeadline<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(DomainError) -> Value
    ) async throws(DomainError) -> Value {
        let (answers, continuation) = AsyncStream.makeStream(of: Result<Value, DomainError>.self)
        let asking = Task {
            do throws(DomainError) {
                continuation.yield(.success(try await body()))
            } catch {
                continuation.yield(.failure(error))
            }
        }
        let waiting = Task { [patience] in
            try? await Task.sleep(for: patience)
            continuation.finish()
        }
        defer {
            asking.cancel()
            waiting.cancel()
        }
        for await answer in answers { return try answer.get() }
        throw DomainError(.unavailable, "The database does not answer in time.")
    }
}
