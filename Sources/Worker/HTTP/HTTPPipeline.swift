// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// What every connection of a listener has in common.
package struct HTTPPipeline: Sendable {
    let responder: any HTTPResponder
    let handlerLimit: Duration
    let executor: any TaskExecutor

    /// - Parameters:
    ///   - responder: Answers the requests.
    ///   - handlerLimit: How long a request may be worked on.
    ///   - executor: Runs the work, on the loop of all connections.
    package init(responder: some HTTPResponder, handlerLimit: Duration, executor: any TaskExecutor) {
        self.responder = responder
        self.handlerLimit = handlerLimit
        self.executor = executor
    }

    /// Adds the handlers to a new connection.
    ///
    /// - Parameters:
    ///   - channel: The connection.
    ///   - clock: The clock of the connection's loop.
    ///   - turn: The turn of that loop.
    ///   - hasUnread: Whether the system holds bytes of the client that were not read yet.
    ///   - onEnd: Is told when the connection is closed and nothing is worked on for it any more.
    /// - Throws: An error of NIO when the connection is gone.
    package func add(
        to channel: any Channel,
        clock: ConnectionClock,
        turn: LoopTurn,
        hasUnread: @escaping () -> Bool,
        onEnd: @escaping () -> Void = {}
    ) throws {
        let progress = RequestProgress()
        try channel.pipeline.syncOperations.addHandlers(
            ByteToMessageHandler(BoundedRequestDecoder(progress), maximumBufferSize: RequestLimits.headOnTheWire),
            ConnectionHandler(self, progress: progress, clock: clock, turn: turn, hasUnread: hasUnread, onEnd: onEnd)
        )
    }
}
