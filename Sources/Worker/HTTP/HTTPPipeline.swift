// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// What stands between a socket and the requests that come from it.
package struct HTTPPipeline: Sendable {
    /// An answer that is complete: a head with all its fields, and the bytes that follow it.
    package typealias Answer = (head: HTTPResponse, body: [UInt8])

    let handlerLimit: Duration
    let refuse: @Sendable (DomainError, HTTPRequest?) -> Answer
    let abandon: @Sendable (any Channel) -> Void

    /// - Parameters:
    ///   - handlerLimit: How long a request may be worked on.
    ///   - refuse: Makes the answer to a request that is not served, of which perhaps nothing is known.
    ///   - abandon: Ends the work for a connection whose request has got its answer without it.
    package init(
        handlerLimit: Duration,
        refuse: @escaping @Sendable (DomainError, HTTPRequest?) -> Answer,
        abandon: @escaping @Sendable (any Channel) -> Void
    ) {
        self.handlerLimit = handlerLimit
        self.refuse = refuse
        self.abandon = abandon
    }

    /// Adds the handlers to a new connection; behind them come its requests.
    ///
    /// - Parameters:
    ///   - channel: The connection.
    ///   - clock: The clock of the connection's loop.
    ///   - hasUnread: Whether the system holds bytes of the client that were not read yet.
    /// - Throws: An error of NIO when the connection is gone.
    package func add(
        to channel: any Channel,
        clock: ConnectionClock,
        hasUnread: @escaping () -> Bool
    ) throws {
        let progress = RequestProgress()
        try channel.pipeline.syncOperations.addHandlers(
            HTTPResponseEncoder(),
            ByteToMessageHandler(BoundedRequestDecoder(progress), maximumBufferSize: RequestLimits.headOnTheWire),
            RequestGuard(self, progress: progress, clock: clock, hasUnread: hasUnread),
            HTTP1ToHTTPServerCodec(secure: false)
        )
    }
}
