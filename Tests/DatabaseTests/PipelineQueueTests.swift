// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

@Suite struct PipelineQueueTests {
    private typealias Queue = PipelineQueue<String>

    private let now = MonotonicTime(nanoseconds: 0)
    private let deadline = MonotonicTime(nanoseconds: 5)
    private let statement = Statement.read("select 1")

    /// A queue with one group of the items, whose statements are prepared where the name starts with `+`.
    private func queue(_ items: String...) -> Queue {
        var queue = Queue()
        for item in items {
            queue.append(
                item,
                sharing: .reads,
                preparing: item.hasPrefix("+") ? statement : nil,
                at: now,
                deadline: deadline
            )
        }
        queue.endGroup(deadline: deadline)
        return queue
    }

    private func outcomes(_ queue: inout Queue, _ answers: PipelineAnswer...) -> [String] {
        answers.map { answer in
            switch queue.receive(answer, at: now) {
            case .prepared: "prepared"
            case .notPrepared(_, let blamed): "not prepared, \(blamed ?? "nobody") blamed"
            case .succeeded(let item): "\(item) succeeded"
            case .failed(let item): "\(item) failed"
            case .skipped(let item): "\(item) skipped"
            case .passed: "passed"
            case .groupEnded: "end"
            case .groupFailed: "the end failed"
            case .mismatch: "mismatch"
            }
        }
    }

    @Test func group_whenAllSucceed_answersInOrder() {
        var queue = queue("+a", "b")
        #expect(queue.count == 2)
        #expect(
            outcomes(&queue, .success, .success, .success, .sync) == ["prepared", "+a succeeded", "b succeeded", "end"]
        )
        #expect(queue.isEmpty)
        #expect(queue.count == 0)
    }

    @Test func group_whenOneFails_skipsTheRestUpToTheSync() {
        var queue = queue("a", "b", "+c")
        queue.append("d", sharing: .none, preparing: nil, at: now, deadline: deadline)
        queue.endGroup(deadline: deadline)
        #expect(
            outcomes(&queue, .success, .failure, .skipped, .skipped, .sync, .success, .sync) == [
                "a succeeded", "b failed", "not prepared, nobody blamed", "+c skipped", "end", "d succeeded", "end",
            ]
        )
    }

    @Test func preparation_whenItFails_isBlamedOnItsItemAlone() {
        var queue = queue("+a", "b")
        #expect(
            outcomes(&queue, .failure, .skipped, .skipped, .sync) == [
                "not prepared, +a blamed", "passed", "b skipped", "end",
            ]
        )
        #expect(queue.count == 0)
    }

    @Test func writes_areKeptUntilTheirGroupIsOver() {
        var queue = queue("v", "w")
        #expect(outcomes(&queue, .success, .success) == ["v succeeded", "w succeeded"])
        queue.awaitConfirmation("v")
        queue.awaitConfirmation("w")
        #expect(outcomes(&queue, .sync) == ["end"])
        #expect(queue.takeUnconfirmed() == ["v", "w"])
        #expect(!queue.hasUnconfirmed)
    }

    @Test func write_whenTheCommitFails_isToldBeforeTheEnd() {
        var queue = queue("w")
        #expect(outcomes(&queue, .success) == ["w succeeded"])
        queue.awaitConfirmation("w")
        #expect(outcomes(&queue, .failure) == ["the end failed"])
        #expect(queue.takeUnconfirmed() == ["w"])
        #expect(outcomes(&queue, .sync) == ["end"])
    }

    @Test func writes_whenTheConnectionBreaksBeforeTheSync_areLost() {
        var queue = queue("v", "w")
        _ = outcomes(&queue, .success)
        queue.awaitConfirmation("v")
        #expect(queue.removeAll(at: now).map(\.item) == ["v", "w"])
        #expect(!queue.hasUnconfirmed)
    }

    @Test func group_isOpenToItsLikeUntilItEnds() {
        var queue = Queue()
        #expect(queue.openTo == .none)
        queue.append("r", sharing: .reads, preparing: nil, at: now, deadline: deadline)
        #expect(queue.openTo == .reads)
        queue.endGroup(deadline: deadline)
        #expect(queue.openTo == .none)
    }

    @Test(arguments: [PipelineAnswer.success, .failure, .skipped, .sync])
    func answer_whenNothingWasSent_isAMismatch(answer: PipelineAnswer) {
        var queue = Queue()
        #expect(outcomes(&queue, answer) == ["mismatch"])
    }

    @Test func sync_whenAnItemIsUnanswered_isAMismatchAndKeepsTheItem() {
        var queue = queue("a")
        #expect(outcomes(&queue, .sync) == ["mismatch"])
        #expect(queue.removeAll(at: now).map(\.item) == ["a"])
    }

    @Test func deadline_isThatOfTheItemWithTheLeastTime_whereverItStands() {
        var queue = queue("a")
        queue.append("hurried", sharing: .none, preparing: nil, at: now, deadline: MonotonicTime(nanoseconds: 2))
        queue.append("b", sharing: .none, preparing: nil, at: now, deadline: MonotonicTime(nanoseconds: 9))
        #expect(queue.deadline == MonotonicTime(nanoseconds: 2))
        _ = outcomes(&queue, .success, .sync, .success)
        #expect(queue.deadline == MonotonicTime(nanoseconds: 9))
        _ = outcomes(&queue, .success)
        #expect(queue.deadline == nil)
    }

    @Test func removeAll_tellsWhatIsOverdue() {
        var queue = queue("a")
        queue.append("b", sharing: .none, preparing: nil, at: now, deadline: MonotonicTime(nanoseconds: 9))
        let items = queue.removeAll(at: MonotonicTime(nanoseconds: 5))
        #expect(items.map(\.item) == ["a", "b"])
        #expect(items.map(\.isOverdue) == [true, false])
        #expect(queue.isEmpty)
    }

    @Test func waitingTime_countsFromTheLastSignOfLife() {
        var queue = queue("a", "b")
        #expect(queue.waitingTime(at: MonotonicTime(nanoseconds: 3)) == .nanoseconds(3))
        _ = queue.receive(.success, at: MonotonicTime(nanoseconds: 4))
        #expect(queue.waitingTime(at: MonotonicTime(nanoseconds: 6)) == .nanoseconds(2))
        #expect(Queue().waitingTime(at: now + .seconds(9)) == .zero)
    }
}
