// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// Whether PostgreSQL answers.
package struct PostgresDatabaseHealth: DatabaseHealth {
    private let database: any StatementExecutor

    package init(database: any StatementExecutor) {
        self.database = database
    }

    private static let ping = Statement.read("select 1")

    package func ping() async throws(DomainError) {
        do {
            _ = try await database.execute(Self.ping)
        } catch {
            // Whatever the reason: for whoever asks, a database that cannot answer this is not there.
            throw DomainError(.unavailable, "The database does not answer.", cause: error)
        }
    }
}
