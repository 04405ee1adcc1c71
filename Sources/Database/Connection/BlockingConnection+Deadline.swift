// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CPostgres
import Core
import Glibc

extension BlockingConnection {
    /// Runs one statement without parameters, and waits no longer than `timeout`; after that the connection is of no use.
    ///
    /// libpq itself waits for ever for a server, or a pooler before it, that takes a statement and does not answer.
    ///
    /// - Throws: ``DatabaseError``, in time: ``DatabaseError/Code/timeout``.
    package func execute(_ statement: Statement, within timeout: Duration) throws(DatabaseError) -> ResultSet {
        let deadline = MonotonicTime.now() + timeout
        guard PQsendQueryParams(connection, statement.sql, 0, nil, nil, nil, nil, 0) == 1 else {
            return try take(nil)
        }
        while PQisBusy(connection) == 1 {
            var descriptor = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
            let remaining = max(0, (deadline - .now()).milliseconds)
            guard poll(&descriptor, 1, Int32(clamping: remaining)) != 0 else {
                throw DatabaseError(.timeout, detail: "no answer in time")
            }
            guard PQconsumeInput(connection) == 1 else { return try take(nil) }
        }
        let result = try take(PQgetResult(connection))
        // A null ends the results of a statement; nothing is on its way by now.
        while let rest = PQgetResult(connection) { PQclear(rest) }
        return result
    }
}
