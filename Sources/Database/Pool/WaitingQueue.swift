// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Items for which no connection is free yet, first come, first served, each with the instant at which it gives up.
package struct WaitingQueue<Item> {
    private typealias Entry = (item: Item, deadline: MonotonicTime)

    /// Items that were sent once and come back go first.
    ///
    /// They are few, with deadlines in any order.
    private var returned = FIFO<Entry>()
    /// Here the deadlines ascend, because all waits are of one length; so only the first needs looking at.
    private var arrived = FIFO<Entry>()

    package init() {}

    /// Whether nobody waits.
    package var isEmpty: Bool { returned.isEmpty && arrived.isEmpty }

    /// How many wait.
    package var count: Int { returned.count + arrived.count }

    /// When the next item gives up; nil when the queue is empty.
    package var deadline: MonotonicTime? {
        // Asked for in each turn: a key path into a tuple would be put together anew each time, in 5 µs.
        var earliest = arrived.first?.deadline
        for entry in returned.elements { earliest = .earlier(earliest, entry.deadline) }
        return earliest
    }

    /// Puts an item at the end.
    package mutating func append(_ item: Item, deadline: MonotonicTime) {
        arrived.append((item, deadline))
    }

    /// Puts back an item that was sent and not run.
    package mutating func giveBack(_ item: Item, deadline: MonotonicTime) {
        returned.append((item, deadline))
    }

    /// The item whose turn it is; nil when the queue is empty.
    package var first: Item? { returned.first?.item ?? arrived.first?.item }

    /// Takes the item whose turn it is; nil when the queue is empty.
    package mutating func removeFirst() -> Item? {
        returned.removeFirst()?.item ?? arrived.removeFirst()?.item
    }

    /// Takes an item that gives up at `now`; nil when there is none.
    package mutating func removeExpired(at now: MonotonicTime) -> Item? {
        if let late = returned.removeFirst(where: { $0.deadline <= now }) { return late.item }
        if let deadline = arrived.first?.deadline, deadline <= now { return arrived.removeFirst()?.item }
        return nil
    }

    /// Takes the item that satisfies `predicate`; nil when there is none.
    package mutating func remove(where predicate: (Item) -> Bool) -> Item? {
        returned.removeFirst { predicate($0.item) }?.item ?? arrived.removeFirst { predicate($0.item) }?.item
    }

    /// Takes all items.
    package mutating func removeAll() -> [Item] {
        (returned.removeAll() + arrived.removeAll()).map(\.item)
    }
}
