// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

@Suite struct PoolStateTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000_000)
    private let timeout = Duration.seconds(5)
    private let lifetime = Duration.seconds(1800)

    private func connected(_ count: Int, depth: Int = 4) -> PoolState<Int> {
        var state = PoolState<Int>(connections: count, depth: depth)
        while let index = state.startConnecting(at: start, timeout: timeout) {
            state.didConnect(index, at: start, lifetime: lifetime)
        }
        return state
    }

    private func send(_ item: Int, on index: Int, _ state: inout PoolState<Int>, at now: MonotonicTime? = nil) {
        let now = now ?? start
        state.didSend(item, sharing: .none, preparing: nil, on: index, at: now, deadline: now + timeout)
        state.didSync(index, deadline: now + timeout)
    }

    @Test func connecting_isAtMostTwoAtOnce() {
        var state = PoolState<Int>(connections: 4, depth: 4)
        #expect(state.startConnecting(at: start, timeout: timeout) == 0)
        #expect(state.startConnecting(at: start, timeout: timeout) == 1)
        #expect(state.startConnecting(at: start, timeout: timeout) == nil)
        state.didConnect(0, at: start, lifetime: lifetime)
        #expect(state.startConnecting(at: start, timeout: timeout) == 2)
    }

    @Test func connecting_whenItFails_waitsForTheBackoff() throws {
        var state = PoolState<Int>(connections: 1, depth: 4)
        #expect(state.startConnecting(at: start, timeout: timeout) == 0)
        #expect(state.deadline == start + timeout)
        state.didFailToConnect(0, at: start, jitter: 0.5)
        let next = try #require(state.deadline)
        #expect(next == state.backoff.notBefore)
        #expect(state.startConnecting(at: next, timeout: timeout) == 0)
    }

    @Test func connecting_whenItTakesTooLong_isOverdue() {
        var state = PoolState<Int>(connections: 2, depth: 4)
        let index = state.startConnecting(at: start, timeout: timeout)
        #expect(state.overdue(at: start + .seconds(4)).isEmpty)
        #expect(state.overdue(at: start + timeout) == [index])
        state.extendConnecting(0, at: start + .seconds(4), timeout: timeout)
        #expect(state.overdue(at: start + timeout).isEmpty)
    }

    @Test func next_isTheLeastLoadedUntilAllAreFull() {
        var state = connected(3, depth: 2)
        var order: [Int] = []
        while let index = state.slotForNext(.none, at: start) {
            order.append(index)
            send(order.count, on: index, &state)
        }
        #expect(order == [0, 1, 2, 0, 1, 2])
        _ = state.receive(.success, on: 1, at: start)
        #expect(state.slotForNext(.none, at: start) == 1)
    }

    @Test func next_joinsAGroupOfItsLike() {
        var state = connected(3, depth: 2)
        state.didSend(1, sharing: .reads, preparing: nil, on: 0, at: start, deadline: start + timeout)
        #expect(state.slotForNext(.reads, at: start) == 0)
        #expect(state.slotForNext(.writes, at: start) == 1)
        #expect(state.slotForNext(.none, at: start) == 1)
        state.didSend(2, sharing: .reads, preparing: nil, on: 0, at: start, deadline: start + timeout)
        #expect(state.slotForNext(.reads, at: start) == 1, "the connection has as many items as it takes")
    }

    @Test func next_whenTheGroupHasEnded_isTheLeastLoaded() {
        var state = connected(2)
        state.didSend(1, sharing: .reads, preparing: nil, on: 0, at: start, deadline: start + timeout)
        state.didSync(0, deadline: start + timeout)
        #expect(state.slotForNext(.reads, at: start) == 1)
    }

    @Test func next_avoidsAConnectionThatSeemsStuck() {
        var state = connected(2)
        send(1, on: 0, &state)
        let later = start + .seconds(1)
        send(2, on: 1, &state, at: later)
        send(3, on: 1, &state, at: later)
        #expect(state.slotForNext(.none, at: later) == 1)
    }

    @Test func lease_takesAConnectionOutUntilItEnds() {
        var state = connected(2)
        let lease = Lease(number: 7)
        state.lease(0, to: lease)
        #expect(state.slot(of: lease) == 0)
        #expect(state.slotForNext(.none, at: start) == 1)
        state.lease(1, to: Lease(number: 8))
        #expect(state.slotForNext(.none, at: start) == nil)
        state.endLease(0)
        #expect(state.slotForNext(.none, at: start) == 0)
        #expect(state.slot(of: lease) == nil)
    }

    @Test func retiring_closesIdleConnectionsAndLetsOthersFinish() {
        var state = connected(3)
        send(1, on: 0, &state)
        state.lease(1, to: Lease(number: 7))
        #expect(state.retireAll(at: start, jitter: 0.5) == [2])
        #expect(!state.isConnected)
        #expect(state.slotForNext(.none, at: start) == nil)

        #expect(!state.isFinished(0))
        _ = state.receive(.success, on: 0, at: start)
        _ = state.receive(.sync, on: 0, at: start)
        #expect(state.isFinished(0))

        #expect(!state.isFinished(1))
        state.endLease(1)
        #expect(state.isFinished(1))
    }

    @Test func connection_whenItsLifeIsOver_isReplacedWhenItHasAnswered() {
        var state = connected(2)
        send(1, on: 0, &state)
        let end = start + lifetime
        #expect(state.retireOld(at: start + .seconds(1799)) == nil)
        #expect(state.isReady(0))
        #expect(state.retireOld(at: end) == nil)
        #expect(!state.isReady(0) && !state.isFinished(0))
        _ = state.receive(.success, on: 0, at: end)
        _ = state.receive(.sync, on: 0, at: end)
        #expect(state.isFinished(0))
    }

    @Test func connection_whenItsLifeIsOver_staysUntilAllOthersAreUp() {
        var state = connected(3)
        let end = start + lifetime
        #expect(state.retireOld(at: end) == 0)
        #expect(state.retireOld(at: end) == nil)
        _ = state.vacate(0, at: end)
        #expect(state.retireOld(at: end) == nil)

        #expect(state.startConnecting(at: end, timeout: timeout) == 0)
        #expect(state.retireOld(at: end) == nil)
        #expect(state.deadline == end + timeout, "nothing can be done about the old ones before")
        state.didFailToConnect(0, at: end, jitter: 1)
        #expect(state.retireOld(at: end) == nil)
        #expect(state.isReady(1) && state.isReady(2))

        let later = end + .seconds(1)
        #expect(state.startConnecting(at: later, timeout: timeout) == 0)
        state.didConnect(0, at: later, lifetime: lifetime)
        #expect(state.deadline == end)
        #expect(state.retireOld(at: later) == 1)
    }

    @Test func connection_whoseLifeEndsFirst_isReplacedFirst() {
        var state = PoolState<Int>(connections: 2, depth: 4)
        for seconds in [20, 10] {
            guard let index = state.startConnecting(at: start, timeout: timeout) else { break }
            state.didConnect(index, at: start, lifetime: .seconds(seconds))
        }
        #expect(state.deadline == start + .seconds(10))
        #expect(state.retireOld(at: start + .seconds(30)) == 1)
    }

    @Test func connection_thatOwesNothing_wakesThePoolAtTheEndOfItsLife() {
        #expect(connected(2).deadline == start + lifetime)
    }

    @Test func vacating_givesBackWhatWasNotAnswered() {
        var state = connected(1)
        send(1, on: 0, &state)
        send(2, on: 0, &state, at: start + .seconds(1))
        _ = state.receive(.success, on: 0, at: start)
        #expect(state.overdue(at: start + timeout) == [0])
        let lost = state.vacate(0, at: start + .seconds(6))
        #expect(lost.map(\.item) == [2])
        #expect(lost.map(\.isOverdue) == [true])
        #expect(state.startConnecting(at: start, timeout: timeout) == 0)
    }
}
