// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

// Coming and going of connections.
extension PoolState {
    /// Chooses a connection to open now, if one is missing and the back-off allows it.
    package mutating func startConnecting(at now: MonotonicTime, timeout: Duration) -> Int? {
        guard backoff.allowsAttempt(at: now), let index = slotToConnect else { return nil }
        slots[index].phase = .connecting(deadline: now + timeout)
        return index
    }

    /// Gives a connection that has gone on to another host the whole time again.
    package mutating func extendConnecting(_ index: Int, at now: MonotonicTime, timeout: Duration) {
        slots[index].phase = .connecting(deadline: now + timeout)
    }

    /// Notes that a connection is up, for `lifetime` at most.
    package mutating func didConnect(_ index: Int, at now: MonotonicTime, lifetime: Duration) {
        slots[index].phase = .ready
        slots[index].endOfLife = now + lifetime
        backoff.didConnect(at: now)
    }

    /// Notes that a connection did not come up; `jitter` is that of ``ConnectionBackoff``.
    package mutating func didFailToConnect(_ index: Int, at now: MonotonicTime, jitter: Double) {
        slots[index] = ConnectionSlot()
        backoff.didFail(at: now, jitter: jitter)
    }

    /// Forgets a connection that is closed; gives the items that get no answer, each with whether it was overdue.
    package mutating func vacate(_ index: Int, at now: MonotonicTime) -> [(item: Item, isOverdue: Bool)] {
        defer { slots[index] = ConnectionSlot() }
        return slots[index].queue.removeAll(at: now)
    }

    /// Takes a connection out of use whose life is over; gives it when it is to be closed at once.
    package mutating func retireOld(at now: MonotonicTime) -> Int? {
        guard let (index, endOfLife) = oldest, endOfLife <= now else { return nil }
        slots[index].phase = .retiring
        return slots[index].isFinished ? index : nil
    }

    /// The connection whose life ends first; nil while not all are up.
    ///
    /// So they are replaced one after the other: when a server takes no new connections, it costs one that is well.
    var oldest: (index: Int, endOfLife: MonotonicTime)? {
        var oldest: (index: Int, endOfLife: MonotonicTime)?
        for (index, slot) in slots.enumerated() {
            guard slot.isReady, let endOfLife = slot.endOfLife else { return nil }
            if oldest.map({ endOfLife < $0.endOfLife }) ?? true { oldest = (index, endOfLife) }
        }
        return oldest
    }

    /// Takes all connections out of use, because the server cannot be trusted.
    ///
    /// Those with work finish it; the others, whose indices are given, are to be closed at once.
    package mutating func retireAll(at now: MonotonicTime, jitter: Double) -> [Int] {
        backoff.didFail(at: now, jitter: jitter)
        for index in slots.indices where slots[index].isReady { slots[index].phase = .retiring }
        return slots.indices.filter(isFinished)
    }

    /// Whether the connection is in use: neither vacant, on its way nor retiring.
    package func isReady(_ index: Int) -> Bool {
        slots[index].isReady
    }

    /// Whether the connection is on its way.
    package func isConnecting(_ index: Int) -> Bool {
        slots[index].isConnecting
    }

    /// Whether the connection is retired and has nothing left to do.
    package func isFinished(_ index: Int) -> Bool {
        slots[index].isFinished
    }
}
