// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Stands behind the decoder, lets only sound requests pass, and decides when the connection ends.
///
/// A request that is not sound is answered here, after those before it, and then the connection ends: where the next
/// request would begin is anybody's guess.
final class RequestGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Reading {
        case head
        /// The body of a request that was passed on.
        case body
        /// The body of a request that is passed on when it is complete.
        case heldBody(HTTPRequestHead)
        /// Nothing more is taken from this connection.
        case nothing
    }

    /// How long an idle connection is kept for a request that may be on its way (nginx: `keepalive_min_timeout`).
    private static let minimumLife = TimeAmount.seconds(2)

    private let responder: APIResponder
    private let progress: RequestProgress
    private var reading = Reading.head
    private var heldBody = ByteBuffer()
    /// Whether the connection ends with the request that was passed on last.
    private var isLast = false
    /// Whether the client keeps a body back until it gets a word.
    private var awaitsContinue = false
    /// The requests that were passed on and whose answers are not complete.
    private var unanswered = 0
    private var refusal: (error: DomainError, head: HTTPRequestHead?)?
    /// Whether the connection ends as soon as a request can end it.
    private var isDraining = false
    /// When the connection ends although no request came.
    private var patience: Scheduled<Void>?

    init(responder: APIResponder, progress: RequestProgress) {
        self.responder = responder
        self.progress = progress
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), reading) {
        case (.head(let head), .head):
            progress.headerEnded()
            if readHead(head, context) {
                unanswered += 1
                context.fireChannelRead(data)
            }
        case (.body, .body):
            context.fireChannelRead(data)
        case (.body(var bytes), .heldBody(let head)):
            heldBody.writeBuffer(&bytes)
            if heldBody.readableBytes > RequestLimits.body { refuse(.bodyTooLarge, head, context) }
        case (.end, .body):
            requestEnded()
            context.fireChannelRead(data)
        case (.end, .heldBody(let head)):
            requestEnded()
            unanswered += 1
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
        switch reading {
        case .head:
            refuse(unreadable, nil, context)
        case .heldBody(let head):
            refuse(unreadable, head, context)
        case .body:
            // Whoever reads the body answers.
            reading = .nothing
            isLast = true
            context.fireErrorCaught(unreadable)
        case .nothing:
            break
        }
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status.code < 200:
            awaitsContinue = false
            context.write(data, promise: promise)
        case .head(var head):
            if unanswered == 1 && (awaitsContinue || isDraining) { takeNoMore() }
            if unanswered == 1 && isLastPassedOn {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
                context.write(wrapOutboundOut(.head(head)), promise: promise)
            } else {
                context.write(data, promise: promise)
            }
        case .body:
            context.write(data, promise: promise)
        case .end:
            unanswered -= 1
            context.write(data, promise: promise)
            guard unanswered == 0 else { return }
            if refusal != nil {
                answerRefusal(context)
            } else if isLastPassedOn {
                finish(context)
            }
        }
    }

    /// Whether the request that ends the connection was passed on: a last one may still be held.
    private var isLastPassedOn: Bool {
        if case .heldBody = reading { false } else { isLast }
    }

    /// The request that is being answered is the last one.
    private func takeNoMore() {
        isLast = true
        // A body that the client keeps back may come or not, so nobody knows where the next request begins.
        if case .body = reading, !awaitsContinue { return }
        reading = .nothing
    }

    private func refuse(_ error: DomainError, _ head: HTTPRequestHead?, _ context: ChannelHandlerContext) {
        reading = .nothing
        heldBody = ByteBuffer()
        isLast = false
        refusal = (error, head)
        if unanswered == 0 { answerRefusal(context) }
    }

    private func answerRefusal(_ context: ChannelHandlerContext) {
        guard let refusal, context.channel.isActive else { return }
        self.refusal = nil
        let request = refusal.head.flatMap { try? HTTPRequest($0, secure: false, splitCookie: false) }
        let answer = responder.refusal(refusal.error, of: request)
        var head = HTTPResponseHead(answer.head)
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !answer.body.isEmpty {
            let body = context.channel.allocator.buffer(bytes: answer.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        finish(context)
    }

    private func finish(_ context: ChannelHandlerContext) {
        context.flush()
        // It can fail only when the connection is gone already.
        try? context.pipeline.syncOperations.addHandler(LingeringCloseHandler(), position: .first)
        context.close(mode: .output, promise: nil)
    }

    // MARK: Draining

    /// Ends an idle connection without losing a request.
    ///
    /// Hummingbird would close it at once, and a request that is in the kernel by then would be lost. So the event goes
    /// no further, and the connection stays for the next request, whose answer says `Connection: close`, or for
    /// ``minimumLife``.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        isDraining = true
        endWhenIdle(context)
    }

    private func endWhenIdle(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        patience = context.eventLoop.scheduleTask(in: Self.minimumLife) {
            let (handler, context) = bound.value
            guard handler.unanswered == 0, case .head = handler.reading else { return handler.endWhenIdle(context) }
            handler.reading = .nothing
            handler.finish(context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        patience?.cancel()
    }
}
