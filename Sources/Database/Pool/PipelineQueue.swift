// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What one connection was sent and has not answered yet, in order: the counterpart of libpq's own queue.
///
/// Statements travel in groups, each of which ends with a Sync and is one implicit transaction. When one of a group
/// fails, the server skips the rest of the group and undoes what came before. A write is therefore kept after its answer,
/// until the group is over and the write committed.
package struct PipelineQueue<Item> {
    /// What the answer means.
    package enum Outcome {
        /// The statement of a later item is prepared.
        case prepared
        /// The statement is not prepared. `blamed` is the item whose answer this is; nil when the preparation was only
        /// skipped, as its item will be.
        case notPrepared(Statement, blamed: Item?)
        case succeeded(Item)
        case failed(Item)
        /// The item was not run, through no fault of its own.
        case skipped(Item)
        /// The server skipped an item that has been answered for.
        case passed
        /// The group is over; what it changed is committed.
        case groupEnded
        /// The group could not be committed.
        case groupFailed
        /// Server and queue disagree: the connection is of no use any more.
        case mismatch
    }

    private enum Step {
        case prepare(Statement)
        case execute(Item)
        /// The place of an item that was blamed for the preparation before it.
        case answered
        case sync
    }

    private var steps = FIFO<(step: Step, deadline: MonotonicTime)>()
    /// Whether the deadlines ascend: they do, but for items that were sent before and get no more time.
    private var isInOrder = true
    /// When the connection last answered, or was given something to do after a rest.
    private var progressedAt = MonotonicTime(nanoseconds: 0)
    /// Items that wait for an answer.
    package private(set) var count = 0
    /// Items sent since the last Sync.
    package private(set) var openGroup = 0
    /// Which items may join them.
    package private(set) var openTo = Sharing.none
    /// Items of the group that is being answered, which succeeded and wait for its end.
    private var unconfirmed: [Item] = []

    package init() {}

    /// Whether nothing at all is on its way.
    package var isEmpty: Bool { steps.isEmpty }

    /// When the first thing on its way is overdue; nil when there is none.
    package var deadline: MonotonicTime? {
        isInOrder ? steps.first?.deadline : steps.elements.map(\.deadline).min()
    }

    /// How long the connection has owed an answer.
    package func waitingTime(at now: MonotonicTime) -> Duration {
        isEmpty ? .zero : now - progressedAt
    }

    /// Notes that `item` was sent, and before it the preparation of `statement`, if not nil.
    package mutating func append(
        _ item: Item,
        sharing: Sharing,
        preparing statement: Statement?,
        at now: MonotonicTime,
        deadline: MonotonicTime
    ) {
        if isEmpty {
            progressedAt = now
            isInOrder = true
        } else if let last = steps.last?.deadline, deadline < last {
            isInOrder = false
        }
        if let statement { steps.append((.prepare(statement), deadline)) }
        steps.append((.execute(item), deadline))
        count += 1
        openGroup += 1
        openTo = sharing
    }

    /// Notes that a Sync was sent.
    package mutating func endGroup(deadline: MonotonicTime) {
        steps.append((.sync, deadline))
        openGroup = 0
        openTo = .none
    }

    /// Takes the next answer of the server.
    package mutating func receive(_ answer: PipelineAnswer, at now: MonotonicTime) -> Outcome {
        progressedAt = now
        guard let (step, deadline) = steps.first else { return .mismatch }
        switch (step, answer) {
        case (.prepare, .success):
            steps.removeFirst()
            return .prepared
        case (.prepare(let statement), .skipped):
            steps.removeFirst()
            return .notPrepared(statement, blamed: nil)
        case (.prepare(let statement), .failure):
            steps.removeFirst()
            guard case (.execute(let item), _)? = steps.first else { return .mismatch }
            steps.first = (.answered, deadline)
            count -= 1
            return .notPrepared(statement, blamed: item)
        case (.execute(let item), .success): return .succeeded(finish(item))
        case (.execute(let item), .failure): return .failed(finish(item))
        case (.execute(let item), .skipped): return .skipped(finish(item))
        case (.answered, .skipped):
            steps.removeFirst()
            return .passed
        case (.sync, .sync):
            steps.removeFirst()
            return .groupEnded
        case (.sync, .failure): return .groupFailed
        default: return .mismatch
        }
    }

    /// Keeps an item that succeeded until the end of its group, or until a failure in it.
    package mutating func awaitConfirmation(_ item: Item) {
        unconfirmed.append(item)
    }

    /// Whether items are kept that succeeded.
    package var hasUnconfirmed: Bool { !unconfirmed.isEmpty }

    /// Takes the items that were kept: committed when the group has ended, undone when something of it failed.
    package mutating func takeUnconfirmed() -> [Item] {
        guard !unconfirmed.isEmpty else { return [] }
        defer { unconfirmed = [] }
        return unconfirmed
    }

    private mutating func finish(_ item: Item) -> Item {
        steps.removeFirst()
        count -= 1
        return item
    }

    /// Empties the queue: the items that will get no answer, each with whether it was overdue at `now`.
    package mutating func removeAll(at now: MonotonicTime) -> [(item: Item, isOverdue: Bool)] {
        defer { self = PipelineQueue() }
        // What was answered waits for the next step, as all others of its group do.
        let isGroupOverdue = steps.first.map { $0.deadline <= now } ?? false
        let unanswered = steps.removeAll().compactMap { step, deadline -> (item: Item, isOverdue: Bool)? in
            guard case .execute(let item) = step else { return nil }
            return (item, deadline <= now)
        }
        return unconfirmed.map { ($0, isGroupOverdue) } + unanswered
    }
}
