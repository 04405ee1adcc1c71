// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import Logging
import Repositories
import Services

/// What a worker does beside answering requests.
struct BackgroundWork: Sendable {
    private static let cleaningInterval = Duration.seconds(600)
    private static let retryInterval = Duration.seconds(20)

    let composition: Composition
    let metrics: WorkerMetrics?
    let logger: Logger

    /// Starts it; cancelling the task ends it.
    ///
    /// - Parameter onOutdated: Is called when the database turns out to lack migrations; nothing is done on it then.
    /// - Returns: What it does.
    func start(onOutdated: @escaping @Sendable (OutdatedSchemaError) -> Void) -> Task<Void, Never> {
        Task {
            do throws(OutdatedSchemaError) {
                // At a start without the database nobody has looked yet.
                try await composition.schema.runUntilAnswered()
            } catch {
                return onOutdated(error)
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await composition.signingKeys.keepLoaded() }
                group.addTask { await composition.revocations.keepLoaded() }
                group.addTask { await composition.usage.keepFlushing() }
                group.addTask { await clean() }
                group.addTask { await keepAuditPartitions() }
                if let metrics { group.addTask { await metrics.keepMigrationVersion(of: composition.database) } }
            }
        }
    }

    /// Removes what expired.
    ///
    /// Every worker does it, each at its own time; there is next to nothing left for the others.
    private func clean() async {
        while !Task.isCancelled {
            try? await TaskTimer.sleep(for: Self.cleaningInterval * Double.random(in: 0.5...1.5))
            guard !Task.isCancelled else { return }
            let now = SystemClock().now()
            do {
                try await composition.services.sessions.removeExpired()
            } catch {
                logger.warning("expired sign-ins and sessions not removed", error: error)
            }
            do {
                try await composition.idempotentReplies.removeExpired(before: now)
            } catch {
                logger.warning("expired idempotency keys not removed", error: error)
            }
            do {
                try await composition.revocations.removeExpired(at: now)
            } catch {
                logger.warning("expired revocations not removed", error: error)
            }
        }
    }

    /// Makes partitions for audit events ahead of time, and drops old ones.
    ///
    /// At once, so that the first events after a long rest find theirs. Each attempt waits for locks next to nothing, so
    /// that nobody waits behind it: one that fails is made again soon.
    private func keepAuditPartitions() async {
        var patience = Self.retryInterval
        while !Task.isCancelled {
            var pause = Self.cleaningInterval
            do {
                try await composition.services.audit.keepPartitions()
                patience = Self.retryInterval
            } catch {
                logger.warning("audit partitions not kept", error: error)
                pause = patience
                patience = min(patience * 2, Self.cleaningInterval)
            }
            try? await TaskTimer.sleep(for: pause * Double.random(in: 0.5...1.5))
        }
    }
}
