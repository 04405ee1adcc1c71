// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CPostgres
import Core

/// One connection whose calls block the thread, for commands: migrations, doctor.
///
/// Never in a worker's request path. It reads `timestamptz` with any offset, but expects `DateStyle` ISO.
package final class BlockingConnection {
    let connection: OpaquePointer

    /// Connects, waiting at most `connectTimeout` (in whole seconds, at least 2) for each host of `connectionString`.
    ///
    /// - Throws: ``DatabaseError``: ``DatabaseError/Code/unavailable`` or
    ///   ``DatabaseError/Code/malformedConnectionString``.
    package init(
        connectionString: Redacted<String>,
        connectTimeout: Duration,
        isForStandbys: Bool = false
    ) throws(DatabaseError) {
        let parameters = try ConnectionParameters(
            connectionString,
            connectTimeout: connectTimeout,
            applicationName: "postern",
            isForStandbys: isForStandbys
        )
        guard let connection = parameters.withPointers({ PQconnectdbParams($0, $1, 1) }) else {
            throw DatabaseError(.unavailable, detail: "out of memory")
        }
        self.connection = connection
        guard PQstatus(connection) == CONNECTION_OK else {
            throw DatabaseError(.unavailable, detail: String(cString: PQerrorMessage(connection)))
        }
        // The default writes the server's notices to standard error.
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
    }

    deinit {
        PQfinish(connection)
    }

    /// The process of the server that the connection was given to when it was made, as the other side says.
    ///
    /// A pooler says a number of its own, because a session of its client is not one of the server.
    package var serverProcess: Int64 {
        Int64(PQbackendPID(connection))
    }

    /// Runs a script of any number of statements.
    ///
    /// What stands outside its transaction blocks is one transaction (manual, section 55.2.2.1).
    ///
    /// - Throws: ``DatabaseError``; its position is that in the script.
    package func execute(script: String) throws(DatabaseError) {
        guard !script.utf8.contains(0) else {
            throw DatabaseError(.invalidParameter, detail: "the script contains NUL")
        }
        _ = try take(PQexec(connection, script))
    }

    /// Runs one statement with its parameters.
    package func execute(
        _ statement: Statement,
        _ parameters: [Parameter] = []
    ) throws(DatabaseError) -> ResultSet {
        let encoded = try EncodedParameters(parameters)
        return try take(
            encoded.withPointers { count, values, lengths, formats in
                PQexecParams(connection, statement.sql, count, nil, values, lengths, formats, 0)
            }
        )
    }

    func take(_ pointer: OpaquePointer?) throws(DatabaseError) -> ResultSet {
        guard let pointer else {
            throw DatabaseError(.unavailable, detail: String(cString: PQerrorMessage(connection)))
        }
        let result = PostgresResult(pointer)
        guard case .success? = result.answer else { throw result.error }
        return result.resultSet
    }
}
