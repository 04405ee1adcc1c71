// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import NIOCore
import NIOHTTP1

/// Stands behind the decoder, lets only sound requests pass, and decides when the connection ends.
///
/// A request that is not sound is answered here, after those before it, and then the connection ends: where the next
/// request would begin is anybody's guess.
final class RequestGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    enum Reading {
        case head
        /// The body of a request that was passed on.
        case body
        /// The body of a request that is passed on when it is complete.
        case heldBody(HTTPRequestHead)
        /// Nothing more is taken from this connection.
        case nothing
    }

    let pipeline: HTTPPipeline
    let progress: RequestProgress
    let clock: ConnectionClock
    let hasUnread: () -> Bool
    var context: ChannelHandlerContext?

    var reading = Reading.head
    var heldBody = ByteBuffer()
    /// Whether the connection ends with the request that was passed on last.
    var isLast = false
    /// Whether the client keeps a body back until it gets a word.
    var awaitsContinue = false
    /// The requests that were passed on and whose answers are not complete.
    var unanswered = CircularBuffer<HTTPRequestHead>()
    /// Whether a part of the answer to the oldest of them was written.
    var isAnswerBegun = false
    var refusal: (error: DomainError, head: HTTPRequestHead?)?
    /// Whether the last answer was written.
    var isFinished = false
    /// Whether the connection ends as soon as a request can end it.
    var isDraining = false

    /// How many requests were begun.
    var requests = 0
    /// How many answers were written.
    var answers = 0
    var writabilityChanges = 0
    var stage = ConnectionStage.waiting(requests: 0)
    var stageTime = Duration.zero
    var age = Duration.zero
    let maximumRequests = Int.random(in: RequestLimits.connectionRequests)
    let maximumAge =
        RequestLimits.connectionAge.lowerBound
        + (RequestLimits.connectionAge.upperBound - RequestLimits.connectionAge.lowerBound) * Double.random(in: 0...1)

    init(
        _ pipeline: HTTPPipeline,
        progress: RequestProgress,
        clock: ConnectionClock,
        hasUnread: @escaping () -> Bool
    ) {
        self.pipeline = pipeline
        self.progress = progress
        self.clock = clock
        self.hasUnread = hasUnread
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        clock.insert(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        clock.remove(self)
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), reading) {
        case (.head(let head), .head):
            progress.headerEnded()
            requests += 1
            if readHead(head, context) {
                unanswered.append(head)
                context.fireChannelRead(data)
            }
        case (.body, .body):
            progress.hasBody = true
            context.fireChannelRead(data)
        case (.body(var bytes), .heldBody(let head)):
            progress.hasBody = true
            heldBody.writeBuffer(&bytes)
            if heldBody.readableBytes > RequestLimits.body { refuse(.bodyTooLarge, head, context) }
        case (.end, .body):
            requestEnded()
            context.fireChannelRead(data)
        case (.end, .heldBody(let head)):
            requestEnded()
            unanswered.append(head)
            context.fireChannelRead(wrapInboundOut(.head(head)))
            context.fireChannelRead(wrapInboundOut(.body(heldBody)))
            heldBody = ByteBuffer()
            // Without the trailer fields: nothing here reads them.
            context.fireChannelRead(wrapInboundOut(.end(nil)))
        default:
            break
        }
    }

    /// - Returns: Whether the request can be passed on now.
    private func readHead(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) -> Bool {
        let framing: RequestFraming
        do throws(DomainError) {
            framing = try RequestFraming(head)
        } catch {
            refuse(error, head, context)
            return false
        }
        isLast = framing.isLast
        awaitsContinue = framing.expectsContinue
        // The framing of a chunked body can be wrong anywhere in it: then the request must not have begun to run.
        let isHeld = framing.isChunked && !framing.expectsContinue
        reading = isHeld ? .heldBody(head) : .body
        return !isHeld
    }

    private func requestEnded() {
        progress.requestEnded()
        awaitsContinue = false
        reading = isLast ? .nothing : .head
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Other errors are the connection's, not the client's.
        guard let unreadable = DomainError.unreadable(error) else { return context.fireErrorCaught(error) }
        stopReading(unreadable, context)
    }

    /// Takes nothing more, because of `error`, which the client is told.
    func stopReading(_ error: DomainError, _ context: ChannelHandlerContext) {
        switch reading {
        case .head:
            refuse(error, nil, context)
        case .heldBody(let head):
            refuse(error, head, context)
        case .body:
            // Whoever reads the body answers.
            reading = .nothing
            isLast = true
            context.fireErrorCaught(error)
        case .nothing:
            break
        }
    }
}
