// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Ends a connection so that the last answer arrives (RFC 9112 section 9.6).
///
/// Closing a socket with unread bytes sends a reset, which makes the client's system throw away an answer that the
/// client has not read. So when this side has said its last word, this handler is put in front: what still comes is
/// read and thrown away, until the client closes, or for ``maximumLife``.
final class LingeringCloseHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    static let maximumLife = TimeAmount.seconds(2)

    private var end: Scheduled<Void>?

    func handlerAdded(context: ChannelHandlerContext) {
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func channelReadComplete(context: ChannelHandlerContext) {
        // Nobody behind asks for more.
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        switch event as? ChannelEvent {
        case .inputClosed:
            context.close(promise: nil)
        case .outputClosed:
            // Only now is the last answer with the kernel: until then its length and the client's pace decide.
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            end = context.eventLoop.scheduleTask(in: Self.maximumLife) { bound.value.close(promise: nil) }
        case nil:
            break
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end?.cancel()
    }
}
