// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import NIOPosix

/// Serves HTTP/1.1 on connections that an acceptor takes from the shared listener.
///
/// Hummingbird's own server cannot take a socket that is bound already, so this puts its channel on each connection.
struct HTTPService: Sendable {
    private let acceptor: ConnectionAcceptor
    private let metrics: ConnectionMetrics?
    private let connections: ConnectionRegistry
    private let channel: HTTP1Channel
    private let pipeline: HTTPPipeline
    private let clock: NIOLoopBoundBox<ConnectionClock>
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
        let connections = ConnectionRegistry()
        self.acceptor = acceptor
        self.connections = connections
        self.loop = loop
        self.executor = EventLoopTaskExecutor(loop)
        self.logger = logger
        self.clock = ConnectionClock.start(on: loop) { acceptor.isShort }
        self.pipeline = HTTPPipeline(
            handlerLimit: handlerLimit,
            refuse: { responder.refusal($0, of: $1) },
            abandon: { connections.cancel($0) }
        )
        self.channel = HTTP1Channel { request, writer, channel in
            var request = request
            if request.headers[.expect] != nil {
                request.body = RequestBody(asyncSequence: ContinueBody(body: request.body, channel: channel))
            }
            let response = await responder.respond(to: request, channel: channel)
            try await writer.write(response: response.head, body: response.body)
        }
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
        let connection: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
        do {
            connection = try await ClientBootstrap(group: loop)
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
        // Not when the task ends: one that heeds no cancellation must not take a place for ever.
        connection.channel.closeFuture.whenComplete { _ in closed() }
        let task = Task(executorPreference: executor) { await channel.handle(value: connection, logger: logger) }
        connections.insert(connection.channel, task)
        await task.value
        connections.remove(connection.channel)
    }

    private func closed() {
        acceptor.closed()
        metrics?.closed()
    }

    /// As Hummingbird's own channel does it, with limits between the socket and the requests.
    private func setUp(
        _ channel: any Channel,
        _ descriptor: Int32
    ) -> EventLoopFuture<NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>> {
        channel.eventLoop.makeCompletedFuture {
            try pipeline.add(to: channel, clock: clock.value) {
                var byte: UInt8 = 0
                return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
            }
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true)
            )
        }
    }
}
