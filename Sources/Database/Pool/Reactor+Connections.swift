// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Logging

// How connections come, break and go.
extension Reactor {
    /// Opens the connections that are missing, as the back-off allows.
    func startConnecting() {
        while let index = state.startConnecting(at: now, timeout: configuration.connectTimeout) {
            lastToken += 1
            guard let connection = PipelineConnection(parameters, firstHost: firstHost, token: lastToken) else {
                connectingFailed(index, because: "out of memory")
                continue
            }
            connections[index] = connection
            // libpq may have waited for the resolver.
            now = .now()
            // libpq wants its first poll when the socket is writable.
            watch(index, for: .needsWriting)
        }
    }

    /// Handles what epoll says of a connection.
    func handle(_ event: clinux_epoll_event, on index: Int) {
        guard let connection = connections[index] else { return }
        guard !state.isConnecting(index) else { return advance(connection, index) }
        if event.writable { flush(index) }
        guard event.readable, connections[index] === connection else { return }
        let isAlive = connection.read()
        takeAnswers(index)
        if !isAlive, connections[index] === connection { lose(index, because: connection.message) }
    }

    private func advance(_ connection: PipelineConnection, _ index: Int) {
        let host = connection.hostIndex
        let progress = connection.advance()
        if connection.hostIndex != host {
            state.extendConnecting(index, at: now, timeout: configuration.connectTimeout)
        }
        watch(index, for: progress)
        guard case .connected = progress, connections[index] === connection else { return }
        // Not all at the same time.
        let lifetime = configuration.connectionLifetime * .random(in: 0.9...1.1)
        state.didConnect(index, at: now, lifetime: lifetime)
        firstHost = connection.hostIndex
        if isOutageLogged {
            isOutageLogged = false
            logger.notice("connected to the database again")
        }
        setUpSession(index)
    }

    /// Makes epoll watch a connection that is coming up; its socket may be another one each time.
    private func watch(_ index: Int, for progress: PipelineConnection.Progress) {
        guard let connection = connections[index] else { return }
        let isWatched =
            switch progress {
            case .needsReading, .connected: watch(connection, writing: false)
            case .needsWriting: watch(connection, reading: false, writing: true)
            case .failed: false
            }
        if !isWatched { connectingFailed(index, because: connection.message) }
    }

    private func watch(_ connection: PipelineConnection, reading: Bool = true, writing: Bool) -> Bool {
        let descriptor = connection.descriptor
        guard descriptor >= 0 else { return false }
        return poller.watch(descriptor, reading: reading, writing: writing, token: connection.token)
    }

    /// Sends what libpq holds back, and waits for the socket to take the rest.
    func flush(_ index: Int) {
        guard let connection = connections[index] else { return }
        let wasPending = connection.isFlushPending
        var isAlive = connection.flush()
        if isAlive, connection.isFlushPending != wasPending {
            isAlive = watch(connection, writing: connection.isFlushPending)
        }
        if !isAlive { lose(index, because: connection.message) }
    }
}

// Ends of connections.
extension Reactor {
    private func connectingFailed(_ index: Int, because reason: String) {
        connections[index] = nil
        state.didFailToConnect(index, at: now, jitter: .random(in: 0...1))
        logOutage(reason)
    }

    /// Ends a connection that did not come up, or did not answer, in time.
    func giveUp(_ index: Int) {
        guard !state.isConnecting(index) else {
            // This host hangs; libpq would begin with it again.
            if let connection = connections[index] { firstHost = (connection.hostIndex + 1) % parameters.hosts.count }
            return connectingFailed(index, because: "connecting took too long")
        }
        // What has arrived counts: this thread may have been the slow one, while libpq waited for the resolver for example.
        if connections[index]?.read() == true { takeAnswers(index) }
        guard state.overdue(at: now).contains(index) else { return }
        logger.warning("gave up a database connection that did not answer in time")
        abandon(index, because: "a statement before it on the connection took too long")
    }

    /// Ends a connection that broke.
    ///
    /// The others are suspect then: a server that restarts or fails over ends all. Not when it had nothing to do: poolers
    /// and firewalls end such, and a server that restarts tells the others itself.
    func lose(_ index: Int, because reason: String) {
        let wasAtWork = state.isReady(index) && !state.isIdle(index)
        abandon(index, because: reason)
        if wasAtWork { retireAll(because: reason) }
    }

    /// Replaces a connection that has lived long enough, when it has answered what it was given.
    ///
    /// A server's process grows with what it caches, and a name may lead to another host by now.
    func retireOld() {
        if let index = state.retireOld(at: now) { abandon(index, because: "retired") }
    }

    /// Replaces all connections, each when it has answered what it was given.
    func retireAll(because reason: String) {
        logOutage(reason)
        for index in state.retireAll(at: now, jitter: .random(in: 0...1)) { abandon(index, because: reason) }
    }

    /// Closes a connection.
    ///
    /// What it was given and has not answered fails, or goes to another if that is harmless.
    func abandon(_ index: Int, because reason: String) {
        connections[index] = nil
        for (item, isOverdue) in state.vacate(index, at: now) {
            if !isOverdue, mayBeRepeated(item) {
                giveBack(item)
                continue
            }
            let error =
                isOverdue
                ? DatabaseError(.timeout, detail: "no answer in time")
                : DatabaseError(.unavailable, sqlState: .connectionFailure, detail: reason)
            answer(item, .failure(item.request.isUncertain(after: error) ? .outcomeUnknown(error) : error))
        }
    }

    private func logOutage(_ reason: String) {
        let level: Logger.Level = isOutageLogged ? .debug : .warning
        logger.log(level: level, "the database is out of reach", metadata: ["detail": "\(reason)"])
        isOutageLogged = true
    }
}
