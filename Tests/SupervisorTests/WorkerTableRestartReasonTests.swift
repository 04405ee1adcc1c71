// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Supervisor
import Testing

@Suite struct WorkerTableRestartReasonTests {
    @Test(arguments: [Termination.killed(signal: 9), .exited(code: 0), .exited(code: 70)])
    func worker_whenItEndsUnasked_isACrash(termination: Termination) {
        var driver = TableDriver.serving(workers: 2)
        driver.send(.exited(pid: 101, termination))
        #expect(driver.restarts == [.crash])
        let pid = driver.spawned(slot: 1)
        driver.send(.exited(pid: pid, termination))
        #expect(driver.restarts == [.crash, .crash])
    }

    @Test(arguments: [Duration.zero, .seconds(60)])
    func worker_whenItGivesNoSign_isStuck_whicheverSignalEndsIt(patience: Duration) {
        var driver = TableDriver.serving(workers: 1)
        let sign = driver.now
        var told: [WorkerTable.Action] = []
        while told.isEmpty {
            driver.advance(by: .seconds(1))
            told = driver.send(.observed([0: WorkerVitals(eventLoop: sign)]))
        }
        #expect(told == [.abort(pid: 100)])
        driver.advance(by: patience)
        driver.send(.exited(pid: 100, .killed(signal: patience == .zero ? 6 : 9)))
        #expect(driver.restarts == [.stuck])
    }

    @Test func worker_whenItHangsInItsStart_isStuck() {
        var driver = TableDriver(workers: 1)
        driver.send(.tick)
        let pid = driver.spawned(slot: 0)
        driver.advance(by: .seconds(30))
        driver.send(.exited(pid: pid, .killed(signal: 9)))
        #expect(driver.restarts == [.stuck])
    }

    @Test func worker_whenItIsOld_isRecycled() {
        var policy = SupervisorPolicy.withoutDelay
        policy.maximumAge = .seconds(3600)
        var driver = TableDriver.serving(workers: 1, age: .seconds(3600), policy: policy)
        #expect(driver.restarts == [])
        driver.started(slot: 1)
        driver.send(.exited(pid: 100, .exited(code: 0)))
        #expect(driver.restarts == [.recycled])
    }

    @Test(arguments: [(WorkerTable.Event.reload(workers: 2), RestartReason.reload), (.upgrade, .upgrade)])
    func workers_whenAllAreReplaced_areCountedOnceEach(event: WorkerTable.Event, reason: RestartReason) {
        var driver = TableDriver.serving(workers: 2)
        driver.send(event)
        driver.started(slot: 2)
        #expect(driver.restarts == [])
        driver.advance(by: .seconds(1))
        // It has been told to go, whatever it ends with.
        driver.send(.exited(pid: 100, .killed(signal: 9)))
        driver.started(slot: 0)
        driver.send(.exited(pid: 101, .exited(code: 0)))
        #expect(driver.restarts == [reason, reason])
    }

    @Test func worker_whenItEndsBesideItsSuccessor_isACrashOnly() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.reload(workers: 1))
        driver.started(slot: 1)
        driver.send(.exited(pid: 100, .killed(signal: 9)))
        driver.advance(by: .seconds(1))
        #expect(driver.restarts == [.crash])
    }

    @Test func worker_whenNobodyTakesItsPlace_isNotCounted() {
        var driver = TableDriver.serving(workers: 2, maximum: 2)
        driver.send(.decrease)
        driver.send(.exited(pid: 101, .exited(code: 0)))
        driver.send(.reload(workers: 1))
        let canary = driver.spawned(slot: 1)
        driver.send(.exited(pid: canary, .exited(code: 64)))
        driver.send(.terminate)
        driver.send(.exited(pid: 100, .killed(signal: 9)))
        #expect(driver.restarts == [])
    }
}
