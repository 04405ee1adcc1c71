// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Supervisor
import Testing

@Suite struct WorkerTableStopTests {
    @Test(arguments: [(WorkerTable.Event.terminate, Duration.seconds(20)), (.interrupt, .seconds(5))])
    func stop_closesTheListenerThenDrainsAllAndExits0(event: WorkerTable.Event, deadline: Duration) {
        var driver = TableDriver.serving(workers: 2)
        let drain = ControlMessage.drain(deadline: deadline)
        #expect(driver.send(event) == [.stopReadiness, .closeListener, .send(drain, slot: 0), .send(drain, slot: 1)])
        #expect(driver.send(.received(.drained, slot: 0)) == [])
        #expect(driver.send(.exited(pid: 100, .exited(code: 0))) == [])
        #expect(driver.send(.exited(pid: 101, .exited(code: 0))) == [.exit(.done)])
    }

    @Test func stop_withNoWorkerAlive_exits0AtOnceAndSpawnsNone() {
        var driver = TableDriver.serving(workers: 1, age: .zero)
        driver.send(.exited(pid: 100, .killed(signal: 9)))
        #expect(driver.send(.terminate) == [.stopReadiness, .closeListener, .exit(.done)])
        #expect(driver.advance(by: .seconds(60)) == [])
    }

    @Test(arguments: [(WorkerTable.Event.terminate, Duration.seconds(23)), (.interrupt, .seconds(8))])
    func stop_whenAWorkerIsLate_killsItAndExits1(event: WorkerTable.Event, limit: Duration) {
        var driver = TableDriver.serving(workers: 2)
        driver.send(event)
        driver.send(.exited(pid: 100, .exited(code: 0)))
        #expect(driver.wait == limit)
        #expect(driver.advance(by: limit) == [.kill(pid: 101)])
        #expect(driver.send(.exited(pid: 101, .killed(signal: 9))) == [.exit(.failed)])
    }

    @Test func stop_endsWithin30Seconds() {
        let policy = SupervisorPolicy()
        #expect(policy.shutdownDelay + policy.drainDeadline + policy.killGrace < .seconds(30))
    }

    @Test(arguments: [Termination.killed(signal: 11), .exited(code: 1), .exited(code: 75)])
    func exited_whileDraining_withoutFinishing_makesTheExitStatus1(termination: Termination) {
        var driver = TableDriver.serving(workers: 2)
        driver.send(.terminate)
        #expect(driver.send(.exited(pid: 100, termination)) == [])
        #expect(driver.send(.exited(pid: 101, .exited(code: 0))) == [.exit(.failed)])
    }

    @Test func received_drained_whenTheWorkerThenHangs_killsItSoonAndStillExits0() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.terminate)
        driver.send(.received(.drained, slot: 0))
        #expect(driver.advance(by: .seconds(5)) == [.kill(pid: 100)])
        #expect(driver.send(.exited(pid: 100, .killed(signal: 9))) == [.exit(.done)])
    }

    @Test func received_drained_late_doesNotLengthenTheDrain() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.terminate)
        driver.advance(by: .seconds(22))
        driver.send(.received(.drained, slot: 0))
        #expect(driver.wait == .seconds(1))
    }

    @Test func stop_whileAWorkerStarts_drainsItWithTheSameDeadline() {
        var driver = TableDriver(workers: 1)
        driver.send(.tick)
        let pid = driver.spawned(slot: 0)
        driver.advance(by: .seconds(20))
        #expect(
            driver.send(.terminate) == [.stopReadiness, .closeListener, .send(.drain(deadline: .seconds(20)), slot: 0)]
        )
        driver.send(.received(.ready(isDegraded: false), slot: 0))
        #expect(driver.wait == .seconds(23))
        #expect(driver.advance(by: .seconds(23)) == [.kill(pid: pid)])
        #expect(driver.send(.exited(pid: pid, .killed(signal: 9))) == [.exit(.failed)])
    }

    @Test func exited_beforeItWasReady_whileDraining_isNoFailure() {
        var driver = TableDriver(workers: 1)
        driver.send(.tick)
        let pid = driver.spawned(slot: 0)
        driver.send(.interrupt)
        #expect(driver.send(.exited(pid: pid, .killed(signal: 9))) == [.exit(.done)])
    }

    @Test func stop_requestedTwice_killsAllAndExits1() {
        var driver = TableDriver.serving(workers: 2)
        driver.send(.terminate)
        driver.advance(by: .seconds(1))
        #expect(driver.send(.interrupt) == [.kill(pid: 100), .kill(pid: 101)])
        driver.send(.exited(pid: 100, .killed(signal: 9)))
        #expect(driver.send(.exited(pid: 101, .killed(signal: 9))) == [.exit(.failed)])
    }

    @Test func stop_whenTheSignalWasOnlyDoubled_isOneRequest() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.terminate)
        driver.advance(by: .milliseconds(250))
        #expect(driver.send(.terminate) == [])
        #expect(driver.send(.exited(pid: 100, .exited(code: 0))) == [.exit(.done)])
    }
}
