// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Migrations

/// The migrated database that the others are copies of; made when the first test needs it.
///
/// It stays when the run ends: the server that the run started goes with it.
actor TestTemplate {
    private var making: Task<String, any Error>?

    func name() async throws -> String {
        if let making { return try await making.value }
        let making = Task { try await Self.make() }
        self.making = making
        return try await making.value
    }

    private static func make() async throws -> String {
        let name = "template_\(UInt64.random(in: .min ... .max))"
        let files = try TestDatabase.migrations()
        try await aside {
            try DatabaseFixture.blockingConnection().execute(script: "create database \(name) template template0")
            let url = Redacted(try DatabaseFixture.connectionString("dbname", name))
            let connection = try BlockingConnection(connectionString: url, connectTimeout: .seconds(5))
            _ = try Migrator(connection: connection, files: files).up()
        }
        return name
    }
}
