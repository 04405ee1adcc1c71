// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
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
    private static let maximumConnections = 10_000

    private let acceptor: ConnectionAcceptor
    private let connections = ConnectionRegistry()
    private let channel: HTTP1Channel
    private let group: any EventLoopGroup
    private let logger: Logger
    private let executor: EventLoopTaskExecutor

    init(responder: APIResponder, group: any EventLoopGroup, logger: Logger) {
        self.acceptor = ConnectionAcceptor(maximumConnections: Self.maximumConnections, logger: logger)
        self.group = group
        self.executor = EventLoopTaskExecutor(group.next())
        self.logger = logger
        self.channel = HTTP1Channel(
            responder: { request, writer, channel in
                let response = await responder.respond(to: request, channel: channel)
                try await writer.write(response: response.head, body: response.body)
            },
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [DrainHandler()],
                // Longer than the proxy's, so that the proxy closes first and no request meets a closed connection.
                idleTimeout: .seconds(75),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 * 1024,
                    maxHeaderListSize: 16 * 1024,
                    maxHeaderFieldCount: 100
                )
            )
        )
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
                .withConnectedSocket(descriptor) { channel.setup(channel: $0, logger: logger) }
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
}
