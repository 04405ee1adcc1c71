// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Which requests may run now: a limited number for each origin, first come, first served.
///
/// One slow provider so holds neither the connections nor the turn of another.
struct TransferQueue {
    private let connectionsPerOrigin: Int
    private let waitingLimit: Int
    private var waiting: [Submission] = []
    private var running: [String: Int] = [:]

    init(connectionsPerOrigin: Int, waitingLimit: Int) {
        self.connectionsPerOrigin = connectionsPerOrigin
        self.waitingLimit = waitingLimit
    }

    /// False when too many wait already.
    mutating func enqueue(_ submission: Submission) -> Bool {
        guard waiting.count < waitingLimit else { return false }
        waiting.append(submission)
        return true
    }

    /// The next request whose origin has room; it counts as running until ``finish(_:)``.
    mutating func next() -> Submission? {
        guard
            let index = waiting.firstIndex(where: { running[$0.request.url.origin, default: 0] < connectionsPerOrigin })
        else { return nil }
        let submission = waiting.remove(at: index)
        running[submission.request.url.origin, default: 0] += 1
        return submission
    }

    mutating func finish(_ submission: Submission) {
        let origin = submission.request.url.origin
        guard let count = running[origin], count > 1 else {
            running[origin] = nil
            return
        }
        running[origin] = count - 1
    }

    /// Takes out the waiting requests that `isIncluded` names.
    mutating func remove(where isIncluded: (Submission) -> Bool) -> [Submission] {
        let removed = waiting.filter(isIncluded)
        if !removed.isEmpty { waiting.removeAll(where: isIncluded) }
        return removed
    }
}
