// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

extension RequestGuard {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // What was worked out too late: the client has got another answer.
        if isFinished {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status.code < 200:
            awaitsContinue = false
            context.write(data, promise: promise)
        case .head(var head):
            isAnswerBegun = true
            if unanswered.count == 1 && (awaitsContinue || isDraining || isWornOut) { takeNoMore() }
            if unanswered.count == 1 && isLastPassedOn {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
                context.write(wrapOutboundOut(.head(head)), promise: promise)
            } else {
                context.write(data, promise: promise)
            }
        case .body:
            context.write(data, promise: promise)
        case .end:
            _ = unanswered.popFirst()
            answers += 1
            isAnswerBegun = false
            context.write(data, promise: promise)
            guard unanswered.isEmpty else { return }
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

    /// Whether the connection has served for long enough, and ending it now loses no request that was sent ahead.
    private var isWornOut: Bool {
        guard answers + 1 >= maximumRequests || age >= maximumAge else { return false }
        guard case .head = reading, progress.receivedBytes == 0 else { return false }
        return !hasUnread()
    }

    /// The request that is being answered is the last one.
    private func takeNoMore() {
        isLast = true
        // A body that the client keeps back may come or not, so nobody knows where the next request begins.
        if case .body = reading, !awaitsContinue { return }
        reading = .nothing
    }

    func refuse(_ error: DomainError, _ head: HTTPRequestHead?, _ context: ChannelHandlerContext) {
        reading = .nothing
        heldBody = ByteBuffer()
        isLast = false
        refusal = (error, head)
        if unanswered.isEmpty { answerRefusal(context) }
    }

    func answerRefusal(_ context: ChannelHandlerContext) {
        guard let refusal, context.channel.isActive else { return }
        self.refusal = nil
        let request = refusal.head.flatMap { try? HTTPRequest($0, secure: false, splitCookie: false) }
        let answer = pipeline.refuse(refusal.error, request)
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

    func finish(_ context: ChannelHandlerContext) {
        isFinished = true
        context.flush()
        // It can fail only when the connection is gone already.
        try? context.pipeline.syncOperations.addHandler(LingeringCloseHandler(), position: .first)
        context.close(mode: .output, promise: nil)
    }

    /// After the last answer, the connection closes when ``LingeringCloseHandler`` says: closing it at once could cost the
    /// client that answer.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard isFinished else { return context.close(mode: mode, promise: promise) }
        context.channel.closeFuture.cascade(to: promise)
    }
}
