// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging

// How requests get to connections.
extension Reactor {
    /// Puts a request in the queue, or onto the connection of its transaction.
    func accept(_ request: Request) {
        let item = PooledRequest(request: request, arrivedAt: now)
        switch request.route {
        case .shared, .begin, .session, .question:
            waiting.append(item, deadline: now + configuration.acquireTimeout)
        case .inTransaction(let lease), .commit(let lease), .rollback(let lease):
            guard let index = state.slot(of: lease) else {
                // It broke, so that the server rolled back.
                let error = DatabaseError(
                    .unavailable,
                    sqlState: .connectionFailure,
                    detail: "the connection of the transaction broke"
                )
                return answer(item, .failure(error))
            }
            send(item, on: index)
        }
    }

    /// Gives waiting requests to connections, and sends what they were given.
    func dispatch() {
        while let item = waiting.first {
            if isLate(item) {
                _ = waiting.removeFirst()
                refuse(item)
                continue
            }
            guard let index = state.slotForNext(item.sharing, at: now) else { break }
            _ = waiting.removeFirst()
            if case .begin(let lease) = item.request.route { state.lease(index, to: lease) }
            send(item, on: index)
        }
        for index in connections.indices where state.openGroup(index) > 0 { endGroup(index) }
    }

    /// Sends a request, after its question if it has one: both of one group, for a pooler takes each group to a server.
    func send(_ item: PooledRequest, on index: Int) {
        if state.openGroup(index) > 0, item.sharing == .none || item.sharing != state.openTo(index) { endGroup(index) }
        if item.request.route == .shared, let question = item.request.question { ask(question, on: index) }
        put(item, on: index)
        if item.sharing == .none || state.openGroup(index) >= Self.maximumGroup { endGroup(index) }
    }

    private func ask(_ question: Question, on index: Int) {
        let request = Request(
            number: 0,
            statement: question.statement,
            parameters: question.parameters,
            route: .question,
            question: question,
            continuation: nil
        )
        put(PooledRequest(request: request, arrivedAt: now), on: index)
    }

    private func put(_ item: PooledRequest, on index: Int) {
        var item = item
        guard let connection = connections[index] else {
            // What was to go before it found the connection broken.
            return answer(item, .failure(DatabaseError(.unavailable, detail: "the connection broke")))
        }
        let statement = item.request.statement
        let isNew = connection.send(statement, item.request.parameters, isNamed: isNamed(item))
        let deadline = item.deadline ?? now + configuration.statementTimeout
        item.deadline = deadline
        state.didSend(
            item,
            sharing: item.sharing,
            preparing: isNew == true ? statement : nil,
            on: index,
            at: now,
            deadline: deadline
        )
        if isNew == nil { lose(index, because: connection.message) }
    }

    /// Whether the statement goes by a name, under which it is prepared.
    private func isNamed(_ item: PooledRequest) -> Bool {
        configuration.preparesStatements && !item.isReturned
    }

    private func endGroup(_ index: Int) {
        guard let connection = connections[index] else { return }
        observer?.sent(state.openGroup(index))
        state.didSync(index, deadline: now + configuration.statementTimeout)
        guard connection.sync() else { return lose(index, because: connection.message) }
        flush(index)
    }
}

// What connections answer.
extension Reactor {
    /// Takes the answers that have arrived on a connection.
    func takeAnswers(_ index: Int) {
        guard let connection = connections[index] else { return }
        while let result = connection.nextResult() {
            guard let answer = result.answer, take(result, answer, on: index) else {
                return lose(index, because: "the server answered out of turn")
            }
            // One of the answers may have cost the connection.
            guard connections[index] === connection else { return }
        }
        if connection.becameReadOnly, state.isReady(index) { retireAll(because: "the server takes no writes any more") }
        if state.isFinished(index) { abandon(index, because: "retired") }
    }

    /// False when the answer fits nothing that was sent.
    private func take(_ result: borrowing PostgresResult, _ answer: PipelineAnswer, on index: Int) -> Bool {
        switch state.receive(answer, on: index, at: now) {
        case .prepared, .passed: break
        case .notPrepared(let statement, let blamed):
            connections[index]?.forget(statement)
            if let blamed { failInGroup(blamed, with: result, on: index) }
        case .succeeded(let item): succeed(item, with: result, on: index)
        case .failed(let item): failInGroup(item, with: result, on: index)
        case .skipped(let item): giveBack(item)
        case .groupEnded:
            for item in state.takeUnconfirmed(on: index) {
                if let result = item.result { self.answer(item, .success(result)) }
            }
            endTransaction(index)
        case .groupFailed: failGroup(with: result, on: index)
        case .mismatch: return false
        }
        return true
    }

    /// A failure undoes what its group did before, and may be due to that: each of it runs again, alone.
    private func failInGroup(_ item: PooledRequest, with result: borrowing PostgresResult, on index: Int) {
        guard state.hasUnconfirmed(on: index), !result.endsSession, !result.isStalePreparation else {
            fail(item, with: result, on: index)
            // None are left when the connection is lost, which leaves open what it did.
            return undo(index)
        }
        undo(index)
        giveBack(item)
    }

    private func undo(_ index: Int) {
        for item in state.takeUnconfirmed(on: index) { giveBack(item) }
    }

    /// The server could not commit.
    private func failGroup(with result: borrowing PostgresResult, on index: Int) {
        let items = state.takeUnconfirmed(on: index)
        if items.isEmpty { logger.warning("an error came between statements") }
        for item in items {
            if items.count > 1, !result.endsSession { giveBack(item) } else { fail(item, with: result, on: index) }
        }
    }

    private func succeed(_ item: PooledRequest, with result: borrowing PostgresResult, on index: Int) {
        if item.request.route == .question { item.request.question?.receive(result.resultSet) }
        if case .commit = item.request.route, result.isRollback {
            let error = DatabaseError(
                .server,
                sqlState: .inFailedTransaction,
                detail: "a statement of the transaction had failed, so the server rolled it back"
            )
            return answer(item, .failure(error))
        }
        guard item.request.commitsAtSync else { return answer(item, .success(result.resultSet)) }
        var item = item
        item.result = result.resultSet
        state.awaitConfirmation(item, on: index)
    }

    private func fail(_ item: PooledRequest, with result: borrowing PostgresResult, on index: Int) {
        var error = result.error
        if result.isStalePreparation, isNamed(item) {
            // Of one migration or one pooler come many, and a transaction has only so many attempts.
            for connection in connections { connection?.forgetAll() }
            if item.request.route == .shared { return giveBack(item) }
            error = .stalePreparation(error)
        }
        let isBroken = result.endsSession
        if isBroken, mayBeRepeated(item) {
            giveBack(item)
        } else {
            let isUncertain = isBroken && item.request.isUncertain(after: error)
            answer(item, .failure(isUncertain ? .outcomeUnknown(error) : error))
        }
        switch item.request.route {
        // What does not end a transaction that should have ended is dropped with it, see `endTransaction`.
        case .commit, .rollback: state.endLease(index)
        case .session: lose(index, because: "cannot set up a session: \(error.detail ?? "")")
        case .shared, .begin, .inTransaction, .question: break
        }
        if isBroken {
            lose(index, because: error.detail ?? "")
        } else if error.sqlState?.meansServerIsUnusable == true {
            retireAll(because: error.detail ?? "")
        }
    }

    /// Whether a request whose connection broke is worth another one: once, when it changes nothing, and when there is
    /// time to wait for a connection.
    func mayBeRepeated(_ item: PooledRequest) -> Bool {
        guard item.request.isRepeatable, !item.isReturned, let deadline = item.deadline else { return false }
        return deadline - now > configuration.acquireTimeout
    }

    /// Queues a request again that the server did not run, or that may run twice.
    func giveBack(_ item: PooledRequest) {
        guard item.request.question == nil else {
            return answer(item, .failure(DatabaseError(.unavailable, detail: "what went before it was not answered")))
        }
        var item = item
        item.isReturned = true
        item.result = nil
        let patience = configuration.acquireTimeout
        waiting.giveBack(item, deadline: now + min(patience, timeToSend(item) ?? patience))
    }

    /// How long a request that was sent before may wait until it is sent again; nil for one that was not sent.
    ///
    /// Sent any later it would most likely be late, and cost a connection that is well and all that is on it.
    private func timeToSend(_ item: PooledRequest) -> Duration? {
        item.deadline.map { $0 - now - configuration.statementTimeout / 20 }
    }

    private func isLate(_ item: PooledRequest) -> Bool {
        timeToSend(item).map { $0 <= .zero } ?? false
    }

    /// Answers a request that has waited in line for too long.
    func refuse(_ item: PooledRequest) {
        let error =
            isLate(item)
            ? DatabaseError(.timeout, detail: "no answer in time")
            : DatabaseError(.unavailable, detail: "no connection was free in time")
        answer(item, .failure(error))
    }

    /// After a group: gives a connection back whose transaction is over, and drops one on which a transaction is open
    /// that should not be.
    private func endTransaction(_ index: Int) {
        guard let connection = connections[index], state.isQuiet(index) else { return }
        if !connection.isInTransaction {
            state.endLease(index)
        } else if !state.isLeased(index) {
            logger.error("a statement left a transaction open on a shared connection")
            abandon(index, because: "a transaction was left open")
        }
    }
}
