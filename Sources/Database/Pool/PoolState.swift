// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The pool's connections as far as decisions go: which of them connects, takes the next item, is leased, is retired.
///
/// It does no I/O and reads no clock.
package struct PoolState<Item> {
    /// Connections that may be on their way at once: a server that comes back is not met by all of them.
    package static var maximumConnecting: Int { 2 }
    /// A connection that has owed an answer this long probably runs something slow: others go first.
    package static var stallTime: Duration { .milliseconds(10) }

    var slots: [ConnectionSlot<Item>]
    private let depth: Int
    /// When the next attempt to connect may start.
    package internal(set) var backoff = ConnectionBackoff()

    /// A pool of `connections`, each of which takes at most `depth` items at once.
    package init(connections: Int, depth: Int) {
        slots = Array(repeating: ConnectionSlot(), count: connections)
        self.depth = depth
    }

    /// Whether any connection can take items.
    package var isConnected: Bool { slots.contains(where: \.isReady) }

    /// What the connections are at, while so many items wait for one.
    func status(waiting: Int) -> PoolStatus {
        PoolStatus(
            open: slots.count(where: \.isReady),
            busy: slots.count { $0.isReady && ($0.lease != nil || !$0.queue.isEmpty) },
            waiting: waiting
        )
    }

    /// The next instant at which something has to be done, with nothing from outside happening before.
    package var deadline: MonotonicTime? {
        let attempt = slotToConnect == nil ? nil : backoff.notBefore
        return slots.reduce(.earlier(attempt, oldest?.endOfLife)) { .earlier($0, $1.deadline) }
    }

    /// The connections that have not answered, or not come up, in time.
    package func overdue(at now: MonotonicTime) -> [Int] {
        guard let deadline, deadline <= now else { return [] }
        return slots.indices.filter { index in slots[index].deadline.map { $0 <= now } ?? false }
    }

    var slotToConnect: Int? {
        guard slots.count(where: \.isConnecting) < Self.maximumConnecting else { return nil }
        return slots.firstIndex(where: \.isVacant)
    }
}

// Items.
extension PoolState {
    /// The connection for the next item, nil when all are busy.
    ///
    /// One with a group that the item may join: the server does less for a statement in a group than for one alone.
    /// Else the one with the fewest items on their way, of those that do not seem stuck behind something slow, if there
    /// are such.
    package func slotForNext(_ sharing: Sharing, at now: MonotonicTime) -> Int? {
        if sharing != .none, let index = slots.firstIndex(where: { $0.queue.openTo == sharing }), takesItem(index) {
            return index
        }
        var best: (index: Int, isStalled: Bool, count: Int)?
        for (index, slot) in slots.enumerated() {
            guard takesItem(index) else { continue }
            let isStalled = slot.queue.waitingTime(at: now) > Self.stallTime
            guard let rival = best else {
                best = (index, isStalled, slot.queue.count)
                continue
            }
            if (isStalled ? 1 : 0, slot.queue.count) < (rival.isStalled ? 1 : 0, rival.count) {
                best = (index, isStalled, slot.queue.count)
            }
        }
        return best?.index
    }

    private func takesItem(_ index: Int) -> Bool {
        slots[index].isReady && slots[index].lease == nil && slots[index].queue.count < depth
    }

    /// Keeps a connection for one transaction.
    ///
    /// What it was given before, it answers before.
    package mutating func lease(_ index: Int, to lease: Lease) {
        slots[index].lease = lease
    }

    /// Gives the connection of a transaction back to all.
    package mutating func endLease(_ index: Int) {
        slots[index].lease = nil
    }

    /// Whether a transaction has the connection to itself.
    package func isLeased(_ index: Int) -> Bool {
        slots[index].lease != nil
    }

    /// The connection that `lease` holds; nil when it broke.
    package func slot(of lease: Lease) -> Int? {
        slots.firstIndex { $0.lease == lease }
    }

    /// Items of the connection's open group.
    package func openGroup(_ index: Int) -> Int {
        slots[index].queue.openGroup
    }

    /// Whether the connection has nothing to do, and is not kept for anything.
    package func isIdle(_ index: Int) -> Bool {
        slots[index].lease == nil && slots[index].queue.isEmpty
    }

    /// Whether nothing is on its way on the connection.
    package func isQuiet(_ index: Int) -> Bool {
        slots[index].queue.isEmpty
    }

    /// Notes that `item` was sent, and before it the preparation of `statement`, if not nil.
    package mutating func didSend(
        _ item: Item,
        sharing: Sharing,
        preparing statement: Statement?,
        on index: Int,
        at now: MonotonicTime,
        deadline: MonotonicTime
    ) {
        slots[index].queue.append(item, sharing: sharing, preparing: statement, at: now, deadline: deadline)
    }

    /// Notes that the connection's open group was ended.
    package mutating func didSync(_ index: Int, deadline: MonotonicTime) {
        slots[index].queue.endGroup(deadline: deadline)
    }

    /// Keeps an item that succeeded until the connection's group is over.
    package mutating func awaitConfirmation(_ item: Item, on index: Int) {
        slots[index].queue.awaitConfirmation(item)
    }

    /// Whether items of the connection's group are kept.
    package func hasUnconfirmed(on index: Int) -> Bool {
        slots[index].queue.hasUnconfirmed
    }

    /// Takes the items of the connection's group that were kept.
    package mutating func takeUnconfirmed(on index: Int) -> [Item] {
        slots[index].queue.takeUnconfirmed()
    }

    /// Which items may join the connection's open group.
    package func openTo(_ index: Int) -> Sharing {
        slots[index].queue.openTo
    }

    /// Takes the next answer on a connection, and tells what it means.
    package mutating func receive(
        _ answer: PipelineAnswer,
        on index: Int,
        at now: MonotonicTime
    ) -> PipelineQueue<Item>.Outcome {
        slots[index].queue.receive(answer, at: now)
    }
}
