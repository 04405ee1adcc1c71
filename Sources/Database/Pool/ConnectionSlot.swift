// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What the pool knows of one of its connections.
struct ConnectionSlot<Item> {
    enum Phase {
        case vacant
        case connecting(deadline: MonotonicTime)
        case ready
        /// It finishes what it was given, and is closed then.
        case retiring
    }

    var phase = Phase.vacant
    var queue = PipelineQueue<Item>()
    /// From when on it is replaced by a new one; nil while it is not up.
    var endOfLife: MonotonicTime?
    /// The transaction that has the connection to itself.
    var lease: Lease?

    var isVacant: Bool { if case .vacant = phase { true } else { false } }
    var isConnecting: Bool { if case .connecting = phase { true } else { false } }
    var isReady: Bool { if case .ready = phase { true } else { false } }

    /// Whether it is retired and has nothing left to do.
    var isFinished: Bool {
        guard case .retiring = phase else { return false }
        return queue.isEmpty && lease == nil
    }

    /// When it has to have come up, or to have answered; nil when it owes nothing.
    var deadline: MonotonicTime? {
        if case .connecting(let deadline) = phase { deadline } else { queue.deadline }
    }
}
