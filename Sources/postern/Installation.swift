// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Logging
import Migrations
import Services
import Worker

/// The installation that the settings describe, opened for as long as a command takes.
struct Installation {
    private static let patience = Duration.seconds(10)

    private let configuration: Configuration

    init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// The installation of this process's settings.
    static func ofProcess() throws -> Installation {
        Installation(try Configuration(.ofProcess(), cores: 1))
    }

    /// Reaches the database as a worker does, and runs `body` with every service.
    ///
    /// - Throws: What `body` throws; ``ConfigurationError``; ``OutdatedSchemaError``; ``DomainError`` when the database
    ///   cannot be reached.
    func open<Value: Sendable>(_ body: @escaping @Sendable (Composition) async throws -> Value) throws -> Value {
        try configuration.database.checkURL()
        let logger = Logger(label: "command") { _ in SwiftLogNoOpLogHandler() }
        let composition = try Composition(configuration, logger: logger)
        return try Blocking.run {
            try composition.database.start()
            do {
                try await Self.check(composition.database)
                let value = try await body(composition)
                await composition.database.shutdown()
                return value
            } catch {
                await composition.database.shutdown()
                throw error
            }
        }
    }

    private static func check(_ database: DatabasePool) async throws {
        guard await database.waitUntilConnected(timeout: patience) else {
            throw DomainError(.unavailable, "The database does not answer.")
        }
        if case .outdated(let found) = try await SchemaVersion.check(database) {
            throw OutdatedSchemaError(found: found)
        }
    }
}
