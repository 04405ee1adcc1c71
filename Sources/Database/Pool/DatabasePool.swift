// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging
import Synchronization

/// Connections to PostgreSQL that many tasks share; a worker has one pool.
///
/// A thread of its own, which runs the ``Reactor``, owns the connections. Tasks leave requests in its ``Mailbox`` and
/// are suspended until the answer is there; no thread of Swift concurrency ever waits for the network.
package final class DatabasePool: StatementExecutor {
    let configuration: DatabasePoolConfiguration
    private let logger: Logger
    private let mailbox = Mailbox()
    private let connectionFlag = ConnectionFlag()
    private let isStarted = Atomic(false)
    private let lastNumber = Atomic<UInt64>(0)

    /// A pool that refuses all statements until ``start()``.
    package init(configuration: DatabasePoolConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    deinit {
        // The thread holds the mailbox, not the pool: it would run on.
        mailbox.post(.shutdown(nil))
    }

    /// Starts the database thread, which connects in the background and goes on trying until ``shutdown()``.
    ///
    /// A second call does nothing.
    ///
    /// - Parameters:
    ///   - observer: Is told by the thread itself what it does, and once a second at least that it is not stuck.
    ///   - loop: Where nearly all tasks run that use the pool; nil when they run anywhere. It must outlive the pool.
    /// - Throws: ``DatabaseError``: ``DatabaseError/Code/malformedConnectionString``, or
    ///   ``DatabaseError/Code/unavailable`` when the system has no thread or descriptor left. A database that is down is
    ///   no error.
    package func start(
        observer: (any DatabaseObserver)? = nil,
        loop: CallerLoop? = nil
    ) throws(DatabaseError) {
        let parameters = try ConnectionParameters(configuration)
        guard !isStarted.exchange(true, ordering: .relaxed) else { return }
        let (configuration, mailbox, connectionFlag, logger) = (configuration, mailbox, connectionFlag, logger)
        let poller = try Poller(mailbox: mailbox.descriptor)
        try DatabaseThread.start {
            Reactor(
                configuration: configuration,
                parameters: parameters,
                mailbox: mailbox,
                connectionFlag: connectionFlag,
                poller: poller,
                observer: observer,
                loop: loop,
                logger: logger
            ).run()
        }
        // Last: a request in a mailbox that nobody empties would wait for ever.
        mailbox.open(loop: loop)
    }

    /// Answers everything that is queued or on its way with ``DatabaseError/Code/unavailable``, closes the connections
    /// and ends the thread.
    ///
    /// Whoever wants statements to end first waits for them first.
    package func shutdown() async {
        await withCheckedContinuation { continuation in
            if !mailbox.post(.shutdown(continuation)) { continuation.resume() }
        }
    }

    /// How many connections it keeps open.
    package var connections: Int { configuration.connections }

    /// Whether there is a usable connection now.
    package var isConnected: Bool {
        connectionFlag.isConnected
    }

    /// Waits until there is a usable connection, at most `timeout`; whether there is one.
    package func waitUntilConnected(timeout: Duration) async -> Bool {
        await withCheckedContinuation { continuation in
            let waiter = ConnectionWaiter(deadline: .now() + timeout, continuation: continuation)
            if !mailbox.post(.connectionWaiter(waiter)) { continuation.resume(returning: false) }
        }
    }

    /// Runs one statement on whichever connection is free; it is a transaction of its own.
    ///
    /// A write that the server is known to have undone runs again, as a transaction does.
    ///
    /// - Throws: ``DatabaseError``. A write whose connection broke before it answered is
    ///   ``DatabaseError/Code/outcomeUnknown``.
    package func execute(
        _ statement: Statement,
        _ parameters: [Parameter]
    ) async throws(DatabaseError) -> ResultSet {
        guard statement.effect == .write else { return try await send(statement, parameters, route: .shared) }
        return try await retrying { () async throws(DatabaseError) in
            try await send(statement, parameters, route: .shared)
        }
    }

    /// Runs `body` in one transaction (READ COMMITTED) on a connection that nobody else uses meanwhile: commits when it
    /// returns, rolls back when it throws.
    ///
    /// Statements inside go to the executor that `body` is given; one that is sent to the pool itself runs outside, and
    /// takes a second connection.
    ///
    /// `body` runs again when the server is known to have undone everything, see ``DatabaseError/isRetryable``: it does
    /// nothing that a rollback does not undo.
    ///
    /// - Throws: What `body` throws, or ``DatabaseError``: ``DatabaseError/Code/outcomeUnknown`` when the connection
    ///   broke before it confirmed the COMMIT.
    package func transaction<Value: Sendable>(
        _ body: @Sendable (any StatementExecutor) async throws -> Value
    ) async throws -> Value {
        try await retrying { try await transactOnce(body) }
    }
}

extension DatabasePool {
    private func transactOnce<Value: Sendable>(
        _ body: @Sendable (any StatementExecutor) async throws -> Value
    ) async throws -> Value {
        let transaction = Transaction(pool: self, lease: Lease(number: nextNumber()))
        try await transaction.begin()
        let value: Value
        do {
            value = try await body(transaction)
        } catch {
            await transaction.rollback()
            throw error
        }
        try await transaction.commit()
        return value
    }

    private func nextNumber() -> UInt64 {
        lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// Leaves a statement with the database thread and waits for the answer.
    ///
    /// A task that is cancelled takes back a statement that was not sent yet; one that was is waited for, within its
    /// deadline.
    func send(
        _ statement: Statement,
        _ parameters: [Parameter],
        route: Request.Route,
        question: Question? = nil
    ) async throws(DatabaseError) -> ResultSet {
        let encoded = try EncodedParameters(parameters)
        if Task.isCancelled, !route.endsTransaction { throw DatabaseError(.cancelled) }
        let number = nextNumber()
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let request = Request(
                    number: number,
                    statement: statement,
                    parameters: encoded,
                    route: route,
                    question: question,
                    continuation: continuation
                )
                if !mailbox.post(.request(request)) {
                    continuation.resume(returning: .failure(DatabaseError(.unavailable, detail: "the pool is closed")))
                }
                // Cancelled a moment ago, it would be called back before it was there.
                if Task.isCancelled { mailbox.post(.cancel(number)) }
            }
        } onCancel: {
            mailbox.post(.cancel(number))
        }
        return try answer.get()
    }
}
