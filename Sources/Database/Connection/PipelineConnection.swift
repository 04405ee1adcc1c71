// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CPostgres
import Glibc

/// A libpq connection in non-blocking pipeline mode.
///
/// No call waits for the network, except that libpq resolves host names while it connects: give addresses (`hostaddr`)
/// where the resolver may be slow.
final class PipelineConnection {
    /// What a connection that is coming up waits for.
    enum Progress {
        case needsReading
        case needsWriting
        case connected
        case failed
    }

    /// Tells the events of this connection from those of an earlier one with the same descriptor.
    let token: UInt64
    private let connection: OpaquePointer
    private var statements = StatementCache()
    private var isAtEnd = false
    /// Whether the server took no writes when the connection came up.
    private var wasReadOnly = false
    /// Whether ``flush()`` left something, because the socket took no more.
    private(set) var isFlushPending = false
    private let hosts: HostList
    /// Which host of the connection string is being tried, or was connected to.
    private(set) var hostIndex: Int

    /// Starts to connect, to the host at `firstHost` first; nil when memory is short.
    init?(_ parameters: ConnectionParameters, firstHost: Int, token: UInt64) {
        guard
            let connection = parameters.withPointers(firstHost: firstHost, { PQconnectStartParams($0, $1, 1) })
        else { return nil }
        self.connection = connection
        self.token = token
        hosts = parameters.hosts
        hostIndex = firstHost
        // Already by now libpq may have passed over hosts that it cannot resolve.
        findHost(from: firstHost)
        // The default writes the server's notices to standard error.
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
    }

    deinit {
        PQfinish(connection)
    }

    /// The socket; -1 when there is none.
    ///
    /// It may change with each ``advance()``.
    var descriptor: Int32 { PQsocket(connection) }

    /// The name of the host that is being tried; every host of the list has its own pointer.
    private var host: UnsafeMutablePointer<CChar>? { PQhost(connection) }

    /// What libpq says about the last failure; it names host and user, never the password.
    var message: String {
        let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        return text.last == "\n" ? String(text.dropLast()) : text
    }

    /// Whether the server takes no writes any more that did at first; it says so beside its answers.
    ///
    /// A connection that only reads would otherwise never find out, and read what is no longer true.
    var becameReadOnly: Bool { !wasReadOnly && isReadOnly }

    private var isReadOnly: Bool {
        isOn("default_transaction_read_only") || isOn("in_hot_standby")
    }

    private func isOn(_ parameter: String) -> Bool {
        PQparameterStatus(connection, parameter).map { strcmp($0, "on") == 0 } ?? false
    }

    /// Whether a transaction is open while nothing is on its way.
    var isInTransaction: Bool {
        let status = PQtransactionStatus(connection)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }
}

extension PipelineConnection {
    /// Goes on connecting, when the socket is ready for what the last call asked for.
    func advance() -> Progress {
        let before = host
        defer { if host != before { findHost(from: hostIndex + 1) } }
        return switch PQconnectPoll(connection) {
        case PGRES_POLLING_READING: .needsReading
        case PGRES_POLLING_WRITING: .needsWriting
        case PGRES_POLLING_OK: enterPipelineMode() ? .connected : .failed
        default: .failed
        }
    }

    /// Notes which host libpq is at: in one call it may have passed over several.
    private func findHost(from start: Int) {
        let names = [host, PQhostaddr(connection), PQport(connection)].map { $0.map { String(cString: $0) } ?? "" }
        hostIndex = hosts.index(host: names[0], address: names[1], port: names[2], from: start) ?? hostIndex
    }

    private func enterPipelineMode() -> Bool {
        wasReadOnly = isReadOnly
        return PQsetnonblocking(connection, 1) == 0 && PQenterPipelineMode(connection) == 1
    }

    /// Puts a statement into the buffer; whether its preparation had to go before it, nil when the connection is broken.
    ///
    /// A statement that is not `isNamed` is parsed for this once and leaves nothing behind.
    func send(_ statement: Statement, _ parameters: EncodedParameters, isNamed: Bool) -> Bool? {
        guard isNamed else {
            let isSent = parameters.withPointers { count, values, lengths, formats in
                PQsendQueryParams(connection, statement.sql, count, nil, values, lengths, formats, 0)
            }
            return isSent == 1 ? false : nil
        }
        let (name, isNew) = statements.name(for: statement)
        if isNew, PQsendPrepare(connection, name, statement.sql, 0, nil) == 0 { return nil }
        let isSent = parameters.withPointers { count, values, lengths, formats in
            PQsendQueryPrepared(connection, name, count, values, lengths, formats, 0)
        }
        return isSent == 1 ? isNew : nil
    }

    /// Notes that the server does not have the statement prepared, or not any more.
    func forget(_ statement: Statement) {
        statements.forget(statement)
    }

    /// Lets each statement be prepared again.
    func forgetAll() {
        statements.forgetAll()
    }

    /// Ends a group of statements.
    ///
    /// libpq before 17 also flushes here, as far as the socket takes it.
    func sync() -> Bool {
        PQpipelineSync(connection) == 1
    }

    /// Sends what is in the buffer, as far as the socket takes it; false when the connection is broken.
    func flush() -> Bool {
        let outcome = PQflush(connection)
        isFlushPending = outcome == 1
        return outcome >= 0
    }

    /// Reads what the socket has; false when the connection is broken.
    func read() -> Bool {
        PQconsumeInput(connection) == 1
    }

    /// The next answer that has arrived whole; nil when there is none.
    func nextResult() -> PostgresResult? {
        while PQisBusy(connection) == 0 {
            if let result = PQgetResult(connection) {
                isAtEnd = false
                return PostgresResult(result)
            }
            // One null ends the results of each statement; a second one means that nothing is on its way.
            if isAtEnd { return nil }
            isAtEnd = true
        }
        return nil
    }
}
