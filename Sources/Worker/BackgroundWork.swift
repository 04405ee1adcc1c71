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

    let composition: Composition
    let metrics: WorkerMetrics?
    let logger: Logger

    /// Starts it; cancelling the task ends it.
    func start() -> Task<Void, Never> {
        Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await composition.signingKeys.keepLoaded() }
                group.addTask { await composition.revocations.keepLoaded() }
                group.addTask { await composition.usage.keepFlushing() }
                group.addTask { await clean() }
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
}
