// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Migrations
import Testing

/// A database that one test has for itself.
struct TestDatabase: Sendable {
    let name: String
    let connectionString: Redacted<String>

    /// Runs `body` with a migrated database and a pool on it; both are gone afterwards.
    static func withMigrated<Value>(
        connections: Int = 2,
        _ body: (DatabasePool) async throws -> Value
    ) async throws -> Value {
        try await withDatabase(template: try await template.name()) { database in
            try await DatabaseFixture.withPool {
                $0.connectionString = database.connectionString
                $0.connections = connections
            } _: { pool in
                try await body(pool)
            }
        }
    }

    /// Runs `body` with a database that nothing was done to; it is gone afterwards.
    static func withEmpty<Value>(_ body: (TestDatabase) async throws -> Value) async throws -> Value {
        try await withDatabase(template: "template0", body)
    }

    /// A connection of the test's own.
    func connect() throws -> BlockingConnection {
        try BlockingConnection(connectionString: connectionString, connectTimeout: .seconds(5))
    }

    /// The migrations of this repository.
    static func migrations() throws -> [MigrationFile] {
        try migrationDirectory.load()
    }

    /// Where the migrations of this repository are.
    static let migrationDirectory = MigrationDirectory(
        path: #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" } + "/migrations"
    )

    private static let template = TestTemplate()
    /// Tests run all at once; the server has a limit of connections.
    private static let places = TestPlaces(8)

    private static func withDatabase<Value>(
        template: String,
        _ body: (TestDatabase) async throws -> Value
    ) async throws -> Value {
        await places.take()
        let name = "test_\(UInt64.random(in: .min ... .max))"
        let result: Result<Value, any Error>
        do {
            // wal_log, the default, copies through the buffers: no checkpoint, some ten milliseconds.
            try await aside {
                try DatabaseFixture.blockingConnection()
                    .execute(script: "create database \(name) template \(template)")
            }
            let connectionString = Redacted(try DatabaseFixture.connectionString("dbname", name))
            result = .success(try await body(TestDatabase(name: name, connectionString: connectionString)))
        } catch {
            result = .failure(error)
        }
        try? await aside {
            try DatabaseFixture.blockingConnection()
                .execute(script: "drop database if exists \(name) with (force)")
        }
        await places.giveBack()
        return try result.get()
    }
}
