// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// The connections of this worker that are open or still worked for.
final class ConnectionRegistry: Sendable {
    fileprivate struct State {
        var connections: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Whether ``drain()`` was called.
    var isDraining: Bool { state.withLock(\.isDraining) }

    func insert(_ channel: any Channel) {
        let isLate = state.withLock { state in
            state.connections[ObjectIdentifier(channel)] = channel
            return state.isDraining
        }
        if isLate { Self.quiesce(channel) }
    }

    func remove(_ channel: any Channel) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.connections[ObjectIdentifier(channel)] = nil
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Asks every connection, and every one that is added later, to end when its present request is answered.
    func drain() {
        let channels = state.withLock { state in
            state.isDraining = true
            return Array(state.connections.values)
        }
        for channel in channels { Self.quiesce(channel) }
    }

    /// Returns when no connection is open.
    func waitUntilEmpty() async {
        await withCheckedContinuation { continuation in
            let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                state.waiters.append(continuation)
                return state.takeWaiters()
            }
            for waiter in waiters { waiter.resume() }
        }
    }

    private static func quiesce(_ channel: any Channel) {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
}

extension ConnectionRegistry.State {
    /// Those who wait, when there is nothing left to wait for.
    fileprivate mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
        guard connections.isEmpty else { return [] }
        defer { waiters = [] }
        return waiters
    }
}
