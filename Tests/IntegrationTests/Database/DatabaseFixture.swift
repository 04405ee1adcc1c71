// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Glibc
import Logging
import Testing

/// What the tests of the database layer need of the private server that the test run starts.
enum DatabaseFixture {
    struct ServerMissing: Error, CustomStringConvertible {
        let description = """
            POSTERN_TEST_DATABASE_URL is not set: these tests need the connection string of a superuser on a PostgreSQL \
            server that may be thrown away
            """
    }

    struct ConditionNotMet: Error {}

    static var connectionString: String {
        get throws {
            guard let value = getenv("POSTERN_TEST_DATABASE_URL") else { throw ServerMissing() }
            return String(cString: value)
        }
    }

    /// The connection string with `keyword` replaced; it may be a URL or keywords and values.
    static func connectionString(_ keyword: String, _ value: String) throws -> String {
        let string = try connectionString
        guard string.contains("://") else { return "\(string) \(keyword)='\(value)'" }
        let escaped = value.utf8.map { "%" + Hex.encode([$0]) }.joined()
        return "\(string)\(string.contains("?") ? "&" : "?")\(keyword)=\(escaped)"
    }

    static func blockingConnection() throws -> BlockingConnection {
        try BlockingConnection(connectionString: Redacted(try connectionString), connectTimeout: .seconds(5))
    }

    static func pool(
        _ configure: (inout DatabasePoolConfiguration) throws -> Void = { _ in }
    ) throws -> DatabasePool {
        var configuration = DatabasePoolConfiguration(
            connectionString: Redacted(try connectionString),
            connections: 2,
            // Long, so that a busy machine fails no test that is not about them.
            statementTimeout: .seconds(20),
            acquireTimeout: .seconds(20)
        )
        try configure(&configuration)
        return DatabasePool(
            configuration: configuration,
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Runs `body` with a pool that is connected, and closes the pool.
    static func withPool<Value>(
        _ configure: (inout DatabasePoolConfiguration) throws -> Void = { _ in },
        _ body: (DatabasePool) async throws -> Value
    ) async throws -> Value {
        let pool = try pool(configure)
        try pool.start()
        do {
            try #require(await pool.waitUntilConnected(timeout: .seconds(10)))
            let value = try await body(pool)
            await pool.shutdown()
            return value
        } catch {
            await pool.shutdown()
            throw error
        }
    }

    /// Runs `body` with the name of a schema that exists for it alone.
    static func withSchema<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let schema = "test_\(UInt64.random(in: .min ... .max))"
        try blockingConnection().execute(script: "create schema \(schema)")
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(schema))
        } catch {
            result = .failure(error)
        }
        try blockingConnection().execute(script: "drop schema \(schema) cascade")
        return try result.get()
    }

    /// Asks until `condition` holds; throws when it does not within ten seconds.
    static func eventually(_ condition: () async throws -> Bool) async throws {
        let deadline = MonotonicTime.now() + .seconds(10)
        while try await !condition() {
            guard MonotonicTime.now() < deadline else { throw ConditionNotMet() }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// The error that `body` throws, if it is one of the database's.
func databaseError(of body: () async throws -> Void) async -> DatabaseError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? DatabaseError
    }
}
