// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Logging
import Models
import Services
import Worker

/// Reaches the database as a worker does, for as long as it takes to make the first administrator.
struct Bootstrap {
    private static let patience = Duration.seconds(10)

    private let configuration: Configuration

    init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// - Throws: ``DomainError`` as ``BootstrapService/run(email:)``, and when the database cannot be reached.
    func run(email: EmailAddress) throws -> BootstrapService.Result {
        try withService { try await $0.run(email: email) }
    }

    /// Whether an administrator exists.
    func isDone() throws -> Bool {
        try withService { try await $0.isDone() }
    }

    private func withService<Value: Sendable>(
        _ body: @escaping @Sendable (BootstrapService) async throws -> Value
    ) throws -> Value {
        let logger = Logger(label: "bootstrap") { _ in SwiftLogNoOpLogHandler() }
        let composition = try Composition(configuration, logger: logger)
        return try Blocking.run {
            try composition.database.start()
            guard await composition.database.waitUntilConnected(timeout: Self.patience) else {
                throw DomainError(.unavailable, "The database does not answer.")
            }
            do {
                let value = try await body(composition.bootstrap)
                await composition.database.shutdown()
                return value
            } catch {
                await composition.database.shutdown()
                throw error
            }
        }
    }
}
