// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends a connection without losing a request.
///
/// Hummingbird closes an idle connection at once when it is asked to quiesce. A request that is in the kernel by then is
/// lost, and closing a socket with unread bytes sends a reset. So this handler, which stands before Hummingbird's, keeps
/// the event back: for the next request, whose answer then says `Connection: close`, or for ``minimumLife``.
final class DrainHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long an idle connection is kept for a request that may be on its way (nginx: `keepalive_min_timeout`).
    static let minimumLife = TimeAmount.seconds(2)

    private var requestsInProgress = 0
    private var isDraining = false
    private var heldEvent: ChannelShouldQuiesceEvent?
    private var patience: Scheduled<Void>?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        context.fireChannelRead(data)
        if case .head = part {
            requestsInProgress += 1
            release(context)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where isDraining && head.status.kind != .informational:
            head.headerFields[.connection] = "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            requestsInProgress -= 1
            context.write(data, promise: promise)
        default:
            context.write(data, promise: promise)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelShouldQuiesceEvent else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        isDraining = true
        heldEvent = event
        if requestsInProgress > 0 {
            release(context)
        } else {
            let context = NIOLoopBound(context, eventLoop: context.eventLoop)
            let handler = NIOLoopBound(self, eventLoop: context.value.eventLoop)
            patience = context.value.eventLoop.scheduleTask(in: Self.minimumLife) {
                handler.value.release(context.value)
            }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        patience?.cancel()
    }

    private func release(_ context: ChannelHandlerContext) {
        guard let event = heldEvent else { return }
        heldEvent = nil
        patience?.cancel()
        context.fireUserInboundEventTriggered(event)
    }
}
