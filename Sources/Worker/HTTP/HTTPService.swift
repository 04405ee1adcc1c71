// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix

/// Serves HTTP/1.1 on connections that an acceptor takes from the shared listener.
///
/// Hummingbird's own server cannot take a socket that is bound already, so this puts its channel on each connection.
struct HTTPService: Sendable {
    private static let maximumConnections = 10_000
    /// Longer than the proxy's, so that the proxy closes first and no request meets a closed connection.
    private static let idleTimeout = Duration.seconds(75)

    private let acceptor: ConnectionAcceptor
    private let connections = ConnectionRegistry()
    private let responder: APIResponder
    private let channel: HTTP1Channel
    private let group: any EventLoopGroup
    private let logger: Logger
    private let executor: EventLoopTaskExecutor

    init(responder: APIResponder, group: any EventLoopGroup, logger: Logger) {
        self.acceptor = ConnectionAcceptor(maximumConnections: Self.maximumConnections, logger: logger)
        self.group = group
        self.executor = EventLoopTaskExecutor(group.next())
        self.logger = logger
        self.responder = responder
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
            group.addTask { try? await Task.sleep(for: deadline) }
            await group.next()
            group.cancelAll()
        }
    }

    private func serve(_ descriptor: Int32) async {
        defer { acceptor.closed() }
        let connection: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
        do {
            connection = try await ClientBootstrap(group: group)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 2048, maximum: RequestLimits.read)
                )
                .withConnectedSocket(descriptor, channelInitializer: setUp)
        } catch {
            // The descriptor belongs to NIO by now: closing it here could hit somebody else's.
            logger.debug("connection not taken over", error: error)
            acceptor.registered()
            return
        }
        acceptor.registered()
        connections.insert(connection.channel)
        await channel.handle(value: connection, logger: logger)
        connections.remove(connection.channel)
    }

    /// As Hummingbird's own channel does it, with limits between the socket and the requests.
    private func setUp(
        _ channel: any Channel
    ) -> EventLoopFuture<NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>> {
        channel.eventLoop.makeCompletedFuture {
            let progress = RequestProgress()
            try channel.pipeline.syncOperations.addHandlers(
                HTTPResponseEncoder(),
                ByteToMessageHandler(
                    BoundedRequestDecoder(progress),
                    maximumBufferSize: RequestLimits.headOnTheWire
                ),
                RequestGuard(responder: responder, progress: progress),
                HTTP1ToHTTPServerCodec(secure: false),
                HTTPConnectionStateHandler(idleTimeout: Self.idleTimeout, logger: logger)
            )
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true)
            )
        }
    }
}
