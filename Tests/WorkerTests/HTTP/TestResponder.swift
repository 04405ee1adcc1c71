// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import HTTPTypes
import Synchronization
import Worker

/// Reads the body of each request, and answers when the test says so.
final class TestResponder: HTTPResponder {
    private struct State {
        var served = 0
        var timesCancelled = 0
        var bodies: [[UInt8]?] = []
        var answers: [CheckedContinuation<[UInt8]?, Never>] = []
    }

    private let state = Mutex(State())

    var served: Int { state.withLock(\.served) }
    var timesCancelled: Int { state.withLock(\.timesCancelled) }
    var bodies: [[UInt8]?] { state.withLock(\.bodies) }

    func respond(to request: Request) async -> Response {
        state.withLock { $0.served += 1 }
        if case .arriving(let body) = request.body {
            let bytes = try? await body.bytes()
            state.withLock { $0.bodies.append(bytes) }
        }
        let body = await withTaskCancellationHandler {
            await withCheckedContinuation { answer in state.withLock { $0.answers.append(answer) } }
        } onCancel: {
            state.withLock { $0.timesCancelled += 1 }
        }
        return Response(status: body == nil ? .noContent : .ok, header: HeaderLines(), body: body ?? [])
    }

    func refusal(_ error: DomainError, of _: Request?) -> Response {
        Response(
            status: error.code == .requestTimeout ? .requestTimeout : .serviceUnavailable,
            header: HeaderLines(),
            body: Array(error.code.rawValue.utf8)
        )
    }

    /// Answers the oldest request that has no answer.
    func answer(body: [UInt8]?) {
        let answer = state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() }
        answer?.resume(returning: body)
    }
}
