// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import HTTPTypes
import NIOCore

extension ConnectionHandler {
    /// Has the oldest request answered, if nobody is at it, and then the next.
    func serveNext(_ context: ChannelHandlerContext) {
        // Work that need not wait ends before it returns from here, and would come back into the midst of this.
        guard !isServing else { return }
        isServing = true
        defer { isServing = false }
        while !isWorking, !isFinished, context.channel.isWritable, let request = unanswered.first {
            begin(request, context)
        }
    }

    private func begin(_ request: Request, _ context: ChannelHandlerContext) {
        isWorking = true
        works += 1
        runningWorks += 1
        let number = works
        let responder = pipeline.responder
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        // It runs here and now until it has to wait for something. Most checks never have to, so their answers leave in
        // the same turn of the loop.
        let task = Task.immediateDetached(executorPreference: pipeline.executor) {
            let response = await responder.respond(to: request)
            bound.value.end(number, response)
        }
        if isWorking, works == number { work = task }
    }

    private func end(_ number: Int, _ response: Response) {
        runningWorks -= 1
        turn.schedule()
        guard let context else {
            if runningWorks == 0 { onEnd() }
            return
        }
        // What was worked out too late: the client has got another answer.
        guard isWorking, number == works, let request = unanswered.first else { return }
        isWorking = false
        work = nil
        answer(request, with: response, context)
        serveNext(context)
        if isReadHeld { read(context: context) }
    }

    private func answer(_ request: Request, with response: Response, _ context: ChannelHandlerContext) {
        let isOnly = unanswered.count == 1
        if isOnly && (awaitsContinue || isDraining || isWornOut) { takeNoMore() }
        let isEnd = isOnly && isLastPassedOn
        write(response, to: request, isEnd: isEnd, context)
        unanswered.removeFirst()
        answers += 1
        if isOnly && refusal != nil {
            answerRefusal(context)
        } else if isEnd {
            finish(context)
        } else if !isFlushAhead {
            isFlushAhead = true
            turn.flush(self)
        }
    }

    /// Sends what was written; ``LoopTurn`` calls it.
    func flush() {
        isFlushAhead = false
        context?.flush()
    }

    private func write(_ response: Response, to request: Request?, isEnd: Bool, _ context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(
            capacity: response.header.bytes.count + response.body.count + ByteBuffer.framingSize
        )
        buffer.write(response, omitsBody: request?.method == .head, isLast: isEnd)
        context.write(wrapOutboundOut(buffer), promise: nil)
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

    /// Tells the client to send the body that it keeps back.
    func sayContinue() {
        guard awaitsContinue, !isFinished, let context else { return }
        awaitsContinue = false
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    /// Takes nothing more, and answers with `error` when all requests before have their answers.
    func refuse(_ error: DomainError, _ request: Request?, _ context: ChannelHandlerContext) {
        reading = .nothing
        heldBody = ByteBuffer()
        isLast = false
        refusal = (error, request)
        if unanswered.isEmpty { answerRefusal(context) }
    }

    private func answerRefusal(_ context: ChannelHandlerContext) {
        guard let refusal, context.channel.isActive else { return }
        self.refusal = nil
        let response = pipeline.responder.refusal(refusal.error, of: refusal.request)
        write(response, to: refusal.request, isEnd: true, context)
        finish(context)
    }

    /// Ends the connection, so that what was written arrives.
    func finish(_ context: ChannelHandlerContext) {
        isFinished = true
        // Whoever has an answer finds its line in the log.
        LogOutput.flush()
        guard !isInputClosed else {
            let written = context.eventLoop.makePromise(of: Void.self)
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            written.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
            return context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        }
        context.flush()
        // It can fail only when the connection is gone already.
        try? context.pipeline.syncOperations.addHandler(LingeringCloseHandler(), position: .first)
        context.close(mode: .output, promise: nil)
    }
}
