// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import NIOCore

extension ConnectionHandler {
    /// Sees what the connection is waiting for, and ends what lasts too long; ``ConnectionClock`` calls it.
    func tick() {
        guard let context else { return }
        age += ConnectionClock.interval
        let present = presentStage(context)
        guard present == stage else {
            stage = present
            stageTime = .zero
            return
        }
        stageTime += ConnectionClock.interval
        if isInputClosed, stageTime >= RequestLimits.patienceWithHalfClosed { work?.cancel() }
        let isLeaving = isDraining && idleTime != nil
        let limit = isLeaving ? RequestLimits.minimumIdleTime : stage.limit(handlerLimit: pipeline.handlerLimit)
        if stageTime >= limit { timeOut(context) }
    }

    private func timeOut(_ context: ChannelHandlerContext) {
        switch stage {
        case .waiting:
            endIdle()
        case .body where unanswered.isEmpty && requests == answers:
            // Nobody needs the rest: the request has its answer.
            endIdle()
        case .header, .body:
            stopReading(.requestTimeout, context)
        case .handling:
            abandon(context)
        case .writing, .ending:
            context.close(promise: nil)
        }
    }

    private func presentStage(_ context: ChannelHandlerContext) -> ConnectionStage {
        let bufferedBytes = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        if let bufferedBytes, bufferedBytes > 0 { return .writing(progress: writabilityChanges) }
        switch reading {
        // While others wait for their answers, it is not the client who is slow.
        case .body where unanswered.count <= 1 && !awaitsContinue: return .body(requests: requests)
        case _ where !unanswered.isEmpty: return .handling(answers: answers)
        case .heldBody, .body: return .body(requests: requests)
        case .head where progress.receivedBytes > 0: return .header(requests: requests)
        case .head: return .waiting(requests: requests)
        case .nothing: return .ending
        }
    }

    /// A client that takes its answers never lets much gather, so that this changes all the time; nobody works for one
    /// that does not.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writabilityChanges += 1
        serveNext(context)
        if isReadHeld { read(context: context) }
        context.fireChannelWritabilityChanged()
    }

    /// Answers in the place of the work that takes too long, and ends it if it can be ended.
    private func abandon(_ context: ChannelHandlerContext) {
        let request = unanswered.first
        unanswered.removeAll()
        failBody(.handlerTimeout)
        work?.cancel()
        work = nil
        isWorking = false
        refuse(.handlerTimeout, request, context)
    }

    // MARK: Idle connections

    /// For how long the connection has been waiting for a request; nil while it has one.
    var idleTime: Duration? {
        if case .waiting = stage { stageTime } else { nil }
    }

    /// Ends the connection, unless a request has come since the clock looked.
    func endIdle() {
        guard let context, presentStage(context) == stage else { return }
        reading = .nothing
        finish(context)
    }

    /// Ends an idle connection without losing a request.
    ///
    /// To close it at once would lose a request that is in the kernel by now. So the connection stays for the next
    /// request, whose answer says `Connection: close`, or for ``RequestLimits/minimumIdleTime``.
    func drain() {
        isDraining = true
        stageTime = .zero
    }
}
