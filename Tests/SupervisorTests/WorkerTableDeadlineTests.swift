// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Supervisor
import Testing

@Suite struct WorkerTableDeadlineTests {
    @Test func tick_whenAWorkerIsNotReadyInTime_killsItOnceAndBacksOff() {
        var driver = TableDriver(workers: 1)
        driver.send(.tick)
        let pid = driver.spawned(slot: 0)
        #expect(driver.wait == .seconds(30))
        #expect(driver.advance(by: .milliseconds(29_999)) == [])
        #expect(driver.advance(by: .milliseconds(1)) == [.kill(pid: pid)])
        #expect(driver.advance(by: .seconds(60)) == [])
        #expect(driver.send(.exited(pid: pid, .killed(signal: 9))) == [])
        #expect(driver.advance(by: .milliseconds(100)) == [.spawn(slot: 0)])
    }

    @Test func received_ready_endsTheBootDeadline() {
        var driver = TableDriver.serving(workers: 1, age: .zero)
        #expect(driver.wait == nil)
        #expect(driver.advance(by: .seconds(3600)) == [])
    }

    @Test func received_readyAgain_doesNotMakeAWorkerYounger() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.received(.ready(isDegraded: false), slot: 0))
        #expect(driver.send(.exited(pid: 100, .killed(signal: 9))) == [.spawn(slot: 0)])
    }

    @Test func controlClosed_whenTheWorkerLivesOn_killsIt() {
        var driver = TableDriver.serving(workers: 1)
        #expect(driver.send(.controlClosed(slot: 0)) == [])
        #expect(driver.advance(by: .seconds(4)) == [])
        #expect(driver.advance(by: .seconds(1)) == [.kill(pid: 100)])
    }

    @Test func controlClosed_whenTheWorkerExits_onlyReplacesIt() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.controlClosed(slot: 0))
        #expect(driver.send(.exited(pid: 100, .killed(signal: 11))) == [.spawn(slot: 0)])
        driver.spawned(slot: 0)
        driver.send(.received(.ready(isDegraded: false), slot: 0))
        #expect(driver.advance(by: .seconds(60)) == [])
    }

    @Test func received_drained_whenTheWorkerLivesOn_killsIt() {
        var driver = TableDriver.serving(workers: 1)
        #expect(driver.send(.received(.drained, slot: 0)) == [])
        #expect(driver.advance(by: .seconds(5)) == [.kill(pid: 100)])
    }

    @Test func events_ofAnEmptySlot_changeNothing() {
        var driver = TableDriver.serving(workers: 1, age: .zero)
        driver.send(.exited(pid: 100, .killed(signal: 9)))
        let wait = driver.wait
        for event in [WorkerTable.Event.controlClosed(slot: 0), .received(.ready(isDegraded: false), slot: 0)] {
            #expect(driver.send(event) == [])
        }
        #expect(driver.wait == wait)
    }
}
