// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import Core
import NIOCore
import Synchronization

/// The body of a request, as it comes over the connection.
final class IncomingBody: ArrivingBody {
    private struct State {
        var bytes: [UInt8] = []
        var outcome: Result<Void, DomainError>?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let onAsk: (@Sendable () -> Void)?

    /// - Parameter onAsk: Is called when somebody waits for the body.
    init(onAsk: (@Sendable () -> Void)? = nil) {
        self.onAsk = onAsk
    }

    func bytes() async throws(DomainError) -> [UInt8] {
        if state.withLock({ $0.outcome == nil }) {
            onAsk?()
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.outcome == nil { state.waiters.append(continuation) }
                    return state.outcome != nil
                }
                if isThere { continuation.resume() }
            }
        }
        let (outcome, bytes) = state.withLock { ($0.outcome, $0.bytes) }
        try outcome?.get()
        return bytes
    }

    /// A part of it has come.
    func append(_ part: ByteBuffer) {
        let isTooLong = state.withLock { state in
            guard state.outcome == nil else { return false }
            state.bytes.append(contentsOf: part.readableBytesView)
            return state.bytes.count > RequestLimits.body
        }
        if isTooLong { fail(.bodyTooLarge) }
    }

    /// All of it has come.
    func end() {
        settle(.success(()))
    }

    /// The rest of it will not come.
    func fail(_ error: DomainError) {
        settle(.failure(error))
    }

    private func settle(_ outcome: Result<Void, DomainError>) {
        let waiters = state.withLock { state in
            guard state.outcome == nil else { return [CheckedContinuation<Void, Never>]() }
            state.outcome = outcome
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
