// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import NIOCore
import NIOHTTP1

/// Stands behind the decoder of a connection: lets only sound requests pass, has them answered one after the other, and
/// decides when the connection ends.
///
/// A request that is not sound is answered here, after those before it, and then the connection ends: where the next
/// request would begin is anybody's guess.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Reading {
        case head
        /// The body of a request that was passed on; nil when it has none.
        case body(IncomingBody?)
        /// The body of a request that is passed on when it is complete.
        case heldBody(HTTPRequestHead)
        /// Nothing more is taken from this connection.
        case nothing
    }

    let pipeline: HTTPPipeline
    let progress: RequestProgress
    let clock: ConnectionClock
    let turn: LoopTurn
    let hasUnread: () -> Bool
    /// Is told when the connection is closed and nothing is worked on for it any more.
    let onEnd: () -> Void
    var context: ChannelHandlerContext?
    var peer: Peer?

    var reading = Reading.head
    var heldBody = ByteBuffer()
    /// Whether the connection ends with the request that was passed on last.
    var isLast = false
    /// Whether the client keeps a body back until it gets a word.
    var awaitsContinue = false
    /// The requests that were passed on and not answered.
    var unanswered = CircularBuffer<Request>()
    var refusal: (error: DomainError, request: Request?)?
    /// Whether the last answer was written.
    var isFinished = false
    /// Whether the connection ends as soon as a request can end it.
    var isDraining = false
    /// Whether the client will send nothing more.
    var isInputClosed = false
    /// Whether reading waits for answers: what is sent ahead takes memory.
    var isReadHeld = false
    /// Whether something was written that leaves at the end of the loop's turn.
    var isFlushAhead = false

    /// The work on the oldest request.
    var work: Task<Void, Never>?
    var isWorking = false
    /// How many works were begun; the number of the latest.
    var works = 0
    /// How many of them go on, the latest or others that were given up.
    var runningWorks = 0
    var isServing = false

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
        turn: LoopTurn,
        hasUnread: @escaping () -> Bool,
        onEnd: @escaping () -> Void
    ) {
        self.pipeline = pipeline
        self.progress = progress
        self.clock = clock
        self.turn = turn
        self.hasUnread = hasUnread
        self.onEnd = onEnd
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        clock.insert(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        clock.remove(self)
        self.context = nil
        if runningWorks == 0 { onEnd() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Nobody is there to get the answer.
        work?.cancel()
        failBody(DomainError(.malformed, "The body could not be read."))
        reading = .nothing
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), reading) {
        case (.head(let head), .head):
            progress.headerEnded()
            requests += 1
            readHead(head, context)
        case (.body(let bytes), .body(let body)):
            progress.hasBody = true
            body?.append(bytes)
        case (.body(var bytes), .heldBody(let head)):
            progress.hasBody = true
            heldBody.writeBuffer(&bytes)
            if heldBody.readableBytes > RequestLimits.body {
                refuse(.bodyTooLarge, request(head), context)
            }
        case (.end, .body(let body)):
            body?.end()
            requestEnded()
        case (.end, .heldBody(let head)):
            requestEnded()
            // Without the trailer fields: nothing here reads them.
            unanswered.append(request(head, .bytes(Array(heldBody.readableBytesView))))
            heldBody = ByteBuffer()
        default:
            break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Not before: only now is it known whether an answer can be the last, or another request was sent ahead.
        serveNext(context)
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        isReadHeld = unanswered.count > 1 || !context.channel.isWritable
        if !isReadHeld { context.read() }
    }

    private func readHead(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let framing: RequestFraming
        do throws(DomainError) {
            framing = try RequestFraming(head)
        } catch {
            return refuse(error, request(head), context)
        }
        isLast = framing.isLast
        awaitsContinue = framing.expectsContinue
        // The framing of a chunked body can be wrong anywhere in it: then the request must not have begun to run.
        guard !framing.isChunked || framing.expectsContinue else {
            reading = .heldBody(head)
            return
        }
        let body = framing.hasBody ? incomingBody(context) : nil
        reading = .body(body)
        unanswered.append(request(head, body.map { .arriving($0) } ?? .empty))
    }

    private func request(_ head: HTTPRequestHead, _ body: RequestBody = .empty) -> Request {
        if peer == nil { peer = context?.channel.remoteAddress.map(Peer.init) }
        return Request(head, body: body, peer: peer)
    }

    private func incomingBody(_ context: ChannelHandlerContext) -> IncomingBody {
        guard awaitsContinue else { return IncomingBody() }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        return IncomingBody { bound.value.sayContinue() }
    }

    private func requestEnded() {
        progress.requestEnded()
        awaitsContinue = false
        reading = isLast ? .nothing : .head
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Behind what is not read any more the decoder finds only what confuses it.
        if case .nothing = reading { return }
        // Other errors are the connection's, not the client's.
        guard let unreadable = DomainError.unreadable(error) else { return context.close(promise: nil) }
        stopReading(unreadable, context)
    }

    /// Takes nothing more, because of `error`, which the client is told.
    func stopReading(_ error: DomainError, _ context: ChannelHandlerContext) {
        switch reading {
        case .head:
            refuse(error, nil, context)
        case .heldBody(let head):
            refuse(error, request(head), context)
        case .body:
            // Whoever reads the body answers.
            isLast = true
            failBody(error)
            reading = .nothing
            serveNext(context)
        case .nothing:
            break
        }
    }

    func failBody(_ error: DomainError) {
        if case .body(let body) = reading { body?.fail(error) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            drain()
        case ChannelEvent.inputClosed:
            isInputClosed = true
            endInput(context)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// A client that has said its last word still gets the answers to what it said before.
    private func endInput(_ context: ChannelHandlerContext) {
        failBody(DomainError(.malformed, "The body could not be read."))
        reading = .nothing
        isLast = true
        if unanswered.isEmpty && refusal == nil && !isFinished { finish(context) }
    }
}
