// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Supervisor
import Testing

@Suite struct WorkerTableVitalsTests {
    private static let drain = ControlMessage.drain(deadline: .seconds(20))

    /// Looks at one worker each second for so long; its event loop was last seen alive at the start.
    private func watch(_ driver: inout TableDriver, seconds: Int, _ vitals: WorkerVitals) -> [WorkerTable.Action] {
        var actions: [WorkerTable.Action] = []
        for _ in 0..<seconds {
            actions += driver.advance(by: .seconds(1))
            actions += driver.send(.observed([0: vitals]))
        }
        return actions
    }

    @Test func observed_whenTheEventLoopIsSilent_abortsThenKills() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.observed([:]))
        let vitals = WorkerVitals(eventLoop: driver.now, task: driver.now + .seconds(60), database: nil)
        #expect(watch(&driver, seconds: 10, vitals) == [])
        #expect(watch(&driver, seconds: 1, vitals) == [.abort(pid: 100)])
        #expect(watch(&driver, seconds: 4, vitals) == [])
        #expect(watch(&driver, seconds: 1, vitals) == [.kill(pid: 100)])
        #expect(driver.send(.exited(pid: 100, .killed(signal: 9))) == [.spawn(slot: 0)])
    }

    @Test func observed_whenOnlyTheDatabaseThreadIsSilent_hasMorePatience() {
        var driver = TableDriver.serving(workers: 1)
        let start = driver.now
        driver.send(.observed([:]))
        for _ in 1...30 {
            driver.advance(by: .seconds(1))
            let sign = driver.now
            #expect(driver.send(.observed([0: WorkerVitals(eventLoop: sign, task: sign, database: start)])) == [])
        }
        driver.advance(by: .seconds(1))
        let sign = driver.now
        #expect(
            driver.send(.observed([0: WorkerVitals(eventLoop: sign, task: sign, database: start)]))
                == [.abort(pid: 100)]
        )
    }

    @Test func observed_whileAWorkerStarts_leavesItToItsOwnDeadline() {
        var driver = TableDriver(workers: 1)
        driver.send(.tick)
        driver.spawned(slot: 0)
        driver.send(.observed([:]))
        #expect(watch(&driver, seconds: 29, WorkerVitals()) == [])
    }

    @Test func observed_whenTheSupervisorSlept_forgivesOnce() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.observed([:]))
        let vitals = WorkerVitals(eventLoop: driver.now, task: driver.now, database: driver.now)
        driver.advance(by: .seconds(3600))
        #expect(driver.send(.observed([0: vitals])) == [])
        driver.advance(by: .seconds(1))
        #expect(driver.send(.observed([0: vitals])) == [.abort(pid: 100)])
    }

    @Test func isAlive_dependsOnAFreshEventLoop() {
        var driver = TableDriver.serving(workers: 1, age: .zero)
        #expect(driver.table.isAlive(at: driver.now))
        driver.send(.observed([0: WorkerVitals(eventLoop: driver.now)]))
        #expect(driver.table.isAlive(at: driver.now + .seconds(10)))
        #expect(!driver.table.isAlive(at: driver.now + .seconds(11)))
    }

    @Test func worker_whenItIsOld_isReplacedStartFirst() {
        var policy = SupervisorPolicy.withoutDelay
        policy.maximumAge = .seconds(3600)
        var driver = TableDriver.serving(workers: 1, age: .seconds(3599), policy: policy)
        #expect(driver.advance(by: .seconds(1)) == [.spawn(slot: 1)])
        #expect(driver.started(slot: 1) == [.send(Self.drain, slot: 0)])
        #expect(driver.send(.exited(pid: 100, .exited(code: 0))) == [])
        #expect(driver.advance(by: .seconds(60)) == [])
    }

    @Test func worker_whenItsSuccessorDies_isTriedAgainLater() {
        var policy = SupervisorPolicy.withoutDelay
        policy.maximumAge = .seconds(3600)
        var driver = TableDriver.serving(workers: 1, age: .seconds(3600), policy: policy)
        let pid = driver.spawned(slot: 1)
        #expect(driver.send(.exited(pid: pid, .exited(code: 1))) == [])
        #expect(driver.advance(by: .seconds(299)) == [])
        #expect(driver.advance(by: .seconds(1)) == [.spawn(slot: 1)])
    }

    @Test func worker_whenItIsTooLargeForGood_isReplaced() {
        var policy = SupervisorPolicy.withoutDelay
        policy.maximumMemory = 1000
        var driver = TableDriver.serving(workers: 1, policy: policy)
        func observe(_ bytes: Int) -> [WorkerTable.Action] {
            driver.advance(by: .seconds(30))
            let sign = driver.now
            // Seen a moment ago, so that the supervisor does not take itself for one that slept.
            driver.send(.observed([:]))
            return driver.send(
                .observed([0: WorkerVitals(eventLoop: sign, task: sign, database: sign, residentBytes: bytes)])
            )
        }
        #expect(observe(2000) == [])
        #expect(observe(2000) == [])
        #expect(observe(1000) == [])
        #expect(observe(2000) == [])
        #expect(observe(2000) == [])
        #expect(observe(2000) == [.spawn(slot: 1)])
    }
}
