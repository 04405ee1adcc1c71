// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import Logging
import NIOCore
import NIOPosix

/// Serves HTTP/1.1 on connections that an acceptor takes from the shared listener.
struct HTTPService: Sendable {
    private let acceptor: ConnectionAcceptor
    private let metrics: ConnectionMetrics?
    private let connections = ConnectionRegistry()
    private let pipeline: HTTPPipeline
    private let clock: NIOLoopBoundBox<ConnectionClock>
    private let turn: NIOLoopBoundBox<LoopTurn>
    private let loop: any NIOCore.EventLoop
    private let logger: Logger
    private let executor: EventLoopTaskExecutor

    /// - Parameters:
    ///   - listener: The listening socket.
    ///   - responder: Answers the requests.
    ///   - maximumConnections: How many connections may be open at a time.
    ///   - handlerLimit: How long a request may be worked on.
    ///   - metrics: Is told of connections, if anyone.
    ///   - loop: The event loop that everything happens on.
    ///   - logger: The log.
    init(
        listener: Int32 = InheritedDescriptor.listener,
        responder: some HTTPResponder,
        maximumConnections: Int,
        handlerLimit: Duration,
        metrics: ConnectionMetrics? = nil,
        loop: any NIOCore.EventLoop,
        logger: Logger
    ) {
        let acceptor = ConnectionAcceptor(
            listener: listener,
            maximumConnections: maximumConnections,
            onShortage: { metrics?.failed() },
            logger: logger
        )
        self.metrics = metrics
        self.acceptor = acceptor
        self.loop = loop
        let executor = EventLoopTaskExecutor(loop)
        self.executor = executor
        self.logger = logger
        self.clock = ConnectionClock.start(on: loop) { acceptor.isShort }
        self.turn = NIOLoopBoundBox.makeBoxSendingValue(LoopTurn(loop), eventLoop: loop)
        self.pipeline = HTTPPipeline(responder: responder, handlerLimit: handlerLimit, executor: executor)
    }

    /// Accepts connections from now on.
    ///
    /// - Parameter onFailure: Is told when the listener is of no use any more.
    /// - Throws: ``SystemCallError``.
    func start(onFailure: @escaping @Sendable (SystemCallError) -> Void) throws(SystemCallError) {
        try acceptor.start(
            handOver: { descriptor in Task(executorPreference: executor) { await serve(descriptor) } },
            onFailure: onFailure
        )
    }

    /// Gives the address up at once; connections are served on.
    func releaseAddress() {
        acceptor.requestStop(isUrgent: true)
    }

    /// Stops accepting and returns when every connection has ended, or `deadline` is over.
    func drain(deadline: Duration) async {
        await acceptor.stop()
        connections.drain()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await connections.waitUntilEmpty() }
            group.addTask { try? await TaskTimer.sleep(for: deadline) }
            await group.next()
            group.cancelAll()
        }
    }

    private func serve(_ descriptor: Int32) async {
        metrics?.opened()
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: loop)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 2048, maximum: RequestLimits.read)
                )
                .withConnectedSocket(descriptor) { setUp($0, descriptor) }
        } catch {
            // The descriptor belongs to NIO by now: closing it here could hit somebody else's.
            logger.debug("connection not taken over", error: error)
            acceptor.registered()
            closed()
            return
        }
        acceptor.registered()
        // Not when the work ends: one that heeds no cancellation must not take a place for ever.
        channel.closeFuture.whenComplete { _ in closed() }
    }

    private func closed() {
        acceptor.closed()
        metrics?.closed()
    }

    private func setUp(_ channel: any Channel, _ descriptor: Int32) -> EventLoopFuture<any Channel> {
        channel.eventLoop.makeCompletedFuture {
            try pipeline.add(to: channel, clock: clock.value, turn: turn.value) {
                var byte: UInt8 = 0
                return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
            } onEnd: {
                connections.remove(channel)
            }
            connections.insert(channel)
            return channel
        }
    }
}
