// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import Logging
import Synchronization
import Testing
import Worker

@Suite(.timeLimit(.minutes(1))) struct ConnectionAcceptorTests {
    private let listener = LoopbackListener()
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func acceptor(maximumConnections: Int = 100, maximumUnregistered: Int = 4) -> ConnectionAcceptor {
        ConnectionAcceptor(
            listener: listener.descriptor,
            maximumConnections: maximumConnections,
            maximumUnregistered: maximumUnregistered,
            logger: logger
        )
    }

    private func start(_ acceptor: ConnectionAcceptor) throws -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        try acceptor.start(handOver: { continuation.yield($0) }, onFailure: { _ in continuation.finish() })
        return stream
    }

    @Test func start_handsOverNonBlockingConnectionsThatAreClosedOnExec() async throws {
        let acceptor = acceptor()
        let client = listener.connect()
        defer { close(client) }
        for await accepted in try start(acceptor).prefix(1) {
            #expect(fcntl(accepted, F_GETFL) & O_NONBLOCK != 0)
            #expect(fcntl(accepted, F_GETFD) & FD_CLOEXEC != 0)
            close(accepted)
        }
        await acceptor.stop()
    }

    @Test func start_leavesTheListenerBlocking() async throws {
        let flags = fcntl(listener.descriptor, F_GETFL)
        _ = fcntl(listener.descriptor, F_SETFL, flags | O_NONBLOCK)
        let acceptor = acceptor()
        _ = try start(acceptor)
        #expect(fcntl(listener.descriptor, F_GETFL) & O_NONBLOCK == 0)
        await acceptor.stop()
    }

    @Test func stop_takesWhatIsQueuedThenRefuses() async throws {
        let acceptor = acceptor(maximumUnregistered: 100)
        let clients = (0..<10).map { _ in listener.connect() }
        let accepted = Mutex(0)
        try acceptor.start(
            handOver: { descriptor in
                acceptor.requestStop()
                close(descriptor)
                accepted.withLock { $0 += 1 }
            },
            onFailure: { _ in }
        )
        await acceptor.stop()
        #expect(accepted.withLock { $0 } == 10)
        #expect(listener.connect() == -ECONNREFUSED)
        for client in clients { close(client) }
    }

    @Test func stop_calledTwiceOrBeforeStart_returns() async throws {
        let acceptor = acceptor()
        await acceptor.stop()
        _ = try start(acceptor)
        await acceptor.stop()
        #expect(listener.connect() == -ECONNREFUSED)
    }

    @Test func handOver_whenOneIsUnregistered_waitsForIt() async throws {
        let acceptor = acceptor(maximumUnregistered: 1)
        let clients = (0..<3).map { _ in listener.connect() }
        let events = Mutex<[String]>([])
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        try acceptor.start(
            handOver: { descriptor in
                events.withLock { $0.append("accepted") }
                continuation.yield(descriptor)
            },
            onFailure: { _ in }
        )
        for await descriptor in stream.prefix(3) {
            close(descriptor)
            events.withLock { $0.append("registered") }
            acceptor.registered()
        }
        await acceptor.stop()
        #expect(events.withLock { $0 } == Array(repeating: ["accepted", "registered"], count: 3).flatMap { $0 })
        for client in clients { close(client) }
    }

    @Test func start_whenTheListenerIsUnusable_tellsWhy() async throws {
        let unbound = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let acceptor = ConnectionAcceptor(listener: unbound, maximumConnections: 1, logger: logger)
        let (stream, continuation) = AsyncStream.makeStream(of: SystemCallError.self)
        try acceptor.start(handOver: { close($0) }, onFailure: { continuation.yield($0) })
        for await error in stream.prefix(1) { #expect(error == SystemCallError("accept4", code: EINVAL)) }
        await acceptor.stop()
    }
}
