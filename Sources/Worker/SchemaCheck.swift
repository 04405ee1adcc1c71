// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Logging
import Migrations
import Synchronization

/// Whether the database's schema is new enough for this release, which an outage at the start leaves open.
final class SchemaCheck: Sendable {
    private static let retryInterval = Duration.milliseconds(500)

    private let database: DatabasePool
    private let logger: Logger
    private let passed = Atomic(false)

    init(_ database: DatabasePool, logger: Logger) {
        self.database = database
        self.logger = logger
    }

    /// Whether the database was asked, and the schema is good.
    var isPassed: Bool { passed.load(ordering: .relaxed) }

    /// Asks the database.
    ///
    /// - Throws: ``OutdatedSchemaError``, or ``DatabaseError`` when there was no answer.
    func run() async throws {
        if case .outdated(let found) = try await SchemaVersion.check(database) {
            throw OutdatedSchemaError(found: found)
        }
        passed.store(true, ordering: .relaxed)
    }

    /// Asks until there is an answer, or the task is cancelled.
    func runUntilAnswered() async throws(OutdatedSchemaError) {
        while !isPassed, !Task.isCancelled {
            do {
                try await run()
            } catch let error as OutdatedSchemaError {
                throw error
            } catch {
                logger.warning("schema not checked yet", error: error)
                try? await TaskTimer.sleep(for: Self.retryInterval)
            }
        }
    }
}
