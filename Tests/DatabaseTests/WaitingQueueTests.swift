// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

@Suite struct WaitingQueueTests {
    private func at(_ nanoseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: nanoseconds) }

    @Test func queue_isFirstComeFirstServed_andReturnedItemsGoFirst() {
        var queue = WaitingQueue<Int>()
        for number in 0..<300 { queue.append(number, deadline: at(Int64(number))) }
        queue.giveBack(1000, deadline: at(9999))
        var order: [Int] = []
        while let item = queue.removeFirst() { order.append(item) }
        #expect(order == [1000] + Array(0..<300))
        #expect(queue.isEmpty)
    }

    @Test func queue_givesUpWhatIsLate() {
        var queue = WaitingQueue<Int>()
        queue.append(1, deadline: at(10))
        queue.append(2, deadline: at(20))
        queue.giveBack(3, deadline: at(15))
        #expect(queue.deadline == at(10))
        #expect(queue.removeExpired(at: at(9)) == nil)
        var late: [Int] = []
        while let item = queue.removeExpired(at: at(15)) { late.append(item) }
        #expect(Set(late) == [1, 3])
        #expect(queue.deadline == at(20))
    }

    @Test func queue_givesUpWhatCameBackWithLessTimeThanWhatStandsBeforeIt() {
        var queue = WaitingQueue<Int>()
        queue.giveBack(1, deadline: at(20))
        queue.giveBack(2, deadline: at(10))
        #expect(queue.deadline == at(10))
        #expect(queue.removeExpired(at: at(10)) == 2)
        #expect(queue.removeExpired(at: at(10)) == nil)
        #expect(queue.removeFirst() == 1)
    }

    @Test func queue_givesOutOneItemOutOfTurn() {
        var queue = WaitingQueue<Int>()
        for number in 0..<5 { queue.append(number, deadline: at(1)) }
        queue.giveBack(9, deadline: at(1))
        #expect(queue.removeFirst() == 9)
        #expect(queue.removeFirst() == 0)
        #expect(queue.remove { $0 == 3 } == 3)
        #expect(queue.remove { $0 == 3 } == nil)
        #expect(queue.removeAll() == [1, 2, 4])
    }
}
