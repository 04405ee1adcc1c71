// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Why a statement, a transaction or a connection failed.
package struct DatabaseError: Error, Sendable, CustomStringConvertible {
    /// What the caller can act on.
    package enum Code: Hashable, Sendable {
        /// No usable connection in time, or it broke; nothing was changed.
        case unavailable
        /// The connection broke after a COMMIT or a write was sent: it was done, or it was not. Never repeat it blindly.
        case outcomeUnknown
        /// No answer before the deadline, here or at the server. A write may still have been done.
        case timeout
        /// The task was cancelled before the statement was sent.
        case cancelled
        case uniqueViolation
        case foreignKeyViolation
        case checkViolation
        case notNullViolation
        /// Another transaction was in the way; run the whole transaction again.
        case serialization
        /// PostgreSQL ended this transaction to resolve a deadlock; run the whole transaction again.
        case deadlock
        /// A parameter that PostgreSQL cannot take: NUL in a text, no number, out of range.
        case invalidParameter
        /// libpq cannot read the connection string.
        case malformedConnectionString
        /// A column does not hold what the code expects of it.
        case decoding
        /// Anything else the server refused: a defect in the SQL, a missing privilege.
        case server
    }

    package let code: Code
    /// The server's name of the error; nil when it arose on this side, but for ``SQLState/connectionFailure``.
    package let sqlState: SQLState?
    /// Whether it is about the session and not about what was asked: it ended, or lacks what it had prepared.
    ///
    /// Either way the server undoes what was not committed.
    package let isOfSession: Bool
    /// The constraint that a `…Violation` is about.
    package let constraint: String?
    /// Where the error is in the text of the statement or script: characters, from 1.
    package let position: Int?
    /// What went wrong inside; for the log alone, and still without values of parameters or columns.
    package let detail: String?

    package init(
        _ code: Code,
        sqlState: SQLState? = nil,
        isOfSession: Bool = false,
        constraint: String? = nil,
        position: Int? = nil,
        detail: String? = nil
    ) {
        self.code = code
        self.sqlState = sqlState
        self.isOfSession = isOfSession
        self.constraint = constraint
        self.position = position
        self.detail = detail
    }

    /// The error of a change that `error` left in doubt.
    static func outcomeUnknown(_ error: DatabaseError) -> DatabaseError {
        DatabaseError(.outcomeUnknown, sqlState: error.sqlState, detail: error.detail)
    }

    /// The error of a statement whose prepared form was out of date: it was not run.
    static func stalePreparation(_ error: DatabaseError) -> DatabaseError {
        DatabaseError(.unavailable, sqlState: error.sqlState, isOfSession: true, detail: error.detail)
    }

    /// Whether the database cannot be used at present, as opposed to one statement being wrong.
    package var isUnavailable: Bool {
        switch code {
        case .unavailable, .outcomeUnknown, .timeout: true
        default: false
        }
    }

    /// Whether running the whole transaction again is safe, because nothing of it was committed, and may succeed at once:
    /// another transaction was in the way, or the session ended before a COMMIT was sent or had lost a prepared statement,
    /// or the connection leads to a server that takes no writes any more.
    package var isRetryable: Bool {
        switch code {
        case .serialization, .deadlock: true
        case .unavailable: isOfSession || sqlState?.meansServerIsUnusable == true
        default: false
        }
    }

    /// A sentence that is safe to show: no text of the server, no value, no name of a table.
    package var description: String {
        let state = sqlState.map { " (SQLSTATE \($0))" } ?? ""
        return "\(summary)\(state)"
    }

    private var summary: String {
        switch code {
        case .unavailable: "the database is unavailable"
        case .outcomeUnknown: "the connection to the database broke before it confirmed the change"
        case .timeout: "the database did not answer in time"
        case .cancelled: "the query was cancelled before it was sent"
        case .uniqueViolation: "a row with this value exists already"
        case .foreignKeyViolation: "a row that this one refers to does not exist, or is still referred to"
        case .checkViolation: "a value is outside what the database allows"
        case .notNullViolation: "a value is missing"
        case .serialization: "a concurrent transaction was in the way"
        case .deadlock: "a deadlock with a concurrent transaction was resolved"
        case .invalidParameter: "the database cannot hold a value that was given"
        case .malformedConnectionString: "the connection string of the database is malformed"
        case .decoding: "the database answered with a value of another kind than expected"
        case .server: "the database refused the statement"
        }
    }
}
