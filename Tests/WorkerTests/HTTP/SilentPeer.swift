// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A peer that is gone without a word: it closes nothing, and takes nothing once ``isFull``.
///
/// An embedded channel has no half of a connection to close, so this stands in for the socket as well.
final class SilentPeer: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Whether what is sent stays on this side.
    var isFull = false
    /// How often more was read from it.
    private(set) var reads = 0

    func read(context: ChannelHandlerContext) {
        reads += 1
        context.read()
    }

    func flush(context: ChannelHandlerContext) {
        if !isFull { context.flush() }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output else { return context.close(mode: mode, promise: promise) }
        promise?.succeed()
        // A socket closes its output when all is sent.
        if !isFull { context.pipeline.fireUserInboundEventTriggered(ChannelEvent.outputClosed) }
    }
}
