// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CPostgres

/// An answer in libpq's memory, which is freed when the value goes.
struct PostgresResult: ~Copyable {
    private let pointer: OpaquePointer

    /// Owns `pointer`, a `PGresult`, from now on.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQclear(pointer)
    }

    /// What kind of answer it is; nil for one that nothing here asks for (COPY).
    var answer: PipelineAnswer? {
        switch PQresultStatus(pointer) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: .success
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE: .failure
        case PGRES_PIPELINE_ABORTED: .skipped
        case PGRES_PIPELINE_SYNC: .sync
        default: nil
        }
    }

    /// Whether it answers a COMMIT that the server turned into a ROLLBACK, because a statement before it had failed.
    var isRollback: Bool {
        guard let tag = PQcmdStatus(pointer) else { return false }
        return String(cString: tag) == "ROLLBACK"
    }

    /// Whether the statement failed only because its prepared form is gone, out of date or another session's: it was not
    /// run, and works without one.
    var isStalePreparation: Bool {
        switch sqlState {
        case SQLState.invalidStatementName, SQLState.duplicateStatementName: true
        // The code has other meanings and the text is translated; the function's name is what drivers go by.
        case SQLState.featureNotSupported: field(CPOSTGRES_FIELD_SOURCE_FUNCTION) == "RevalidateCachedQuery"
        default: false
        }
    }

    /// Whether it is an error that ended the session, so that nobody knows how far a change came.
    ///
    /// The state alone does not tell: a server that cannot write its log ends them all, with the state of a full disk.
    var endsSession: Bool {
        switch field(CPOSTGRES_FIELD_SEVERITY) {
        case "FATAL", "PANIC": true
        // Poolers close a connection with less, or do not say how bad it is.
        default: sqlState?.endsSession ?? true
        }
    }

    /// The server's name of the error; nil for a success, and for an error of libpq itself.
    var sqlState: SQLState? {
        field(CPOSTGRES_FIELD_SQLSTATE).map(SQLState.init(rawValue:))
    }

    /// The error that it is.
    var error: DatabaseError {
        guard let state = sqlState else {
            let message = PQresultErrorMessage(pointer).map { String(cString: $0) }
            return DatabaseError(.unavailable, isOfSession: true, detail: message)
        }
        // "invalid input syntax for type integer: …" and its like repeat the value, which may be a secret.
        let mayShowValue = state.isOfClass(.dataException)
        return DatabaseError(
            endsSession ? .unavailable : DatabaseError.Code(state),
            sqlState: state,
            isOfSession: endsSession,
            constraint: field(CPOSTGRES_FIELD_CONSTRAINT),
            position: field(CPOSTGRES_FIELD_POSITION).flatMap { Int($0) },
            detail: mayShowValue ? nil : field(CPOSTGRES_FIELD_MESSAGE)
        )
    }

    /// The rows that it holds.
    var resultSet: ResultSet {
        let rows = PQntuples(pointer)
        let columns = PQnfields(pointer)
        let affected = PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0

        var size = 0
        var cells: [(start: Int, length: Int)] = []
        cells.reserveCapacity(Int(rows) * Int(columns))
        for row in 0..<rows {
            for column in 0..<columns {
                let isNull = PQgetisnull(pointer, row, column) != 0
                let length = isNull ? 0 : Int(PQgetlength(pointer, row, column))
                cells.append((size, isNull ? -1 : length))
                size += length
            }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        for row in 0..<rows {
            for column in 0..<columns {
                let value = UnsafeRawPointer(PQgetvalue(pointer, row, column))
                let length = Int(PQgetlength(pointer, row, column))
                bytes.append(contentsOf: UnsafeRawBufferPointer(start: value, count: length))
            }
        }
        return ResultSet(
            affectedRows: affected,
            count: Int(rows),
            columns: ResultSet.Columns(count: Int(columns), cells: cells, bytes: bytes)
        )
    }

    private func field(_ code: Int32) -> String? {
        PQresultErrorField(pointer, code).map { String(cString: $0) }
    }
}
