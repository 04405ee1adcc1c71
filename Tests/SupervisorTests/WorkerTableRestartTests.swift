// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Supervisor
import Testing

@Suite struct WorkerTableRestartTests {
    @Test func tick_atTheStart_spawnsEverySlotOnce() {
        var driver = TableDriver(workers: 3)
        #expect(driver.send(.tick) == [.spawn(slot: 0), .spawn(slot: 1), .spawn(slot: 2)])
        #expect(driver.send(.tick) == [])
    }

    @Test(arguments: [
        Termination.killed(signal: 9), .killed(signal: 11), .exited(code: 0), .exited(code: 1), .exited(code: 64),
        .exited(code: 70),
    ])
    func exited_afterAHealthyLife_spawnsAtOnce(termination: Termination) {
        var driver = TableDriver.serving(workers: 2, age: .seconds(10))
        #expect(driver.send(.exited(pid: 101, termination)) == [.spawn(slot: 1)])
    }

    @Test(arguments: [Duration.zero, .milliseconds(9999)])
    func exited_soonAfterReady_backsOff(age: Duration) {
        var driver = TableDriver.serving(workers: 1, age: age)
        #expect(driver.send(.exited(pid: 100, .exited(code: 0))) == [])
        #expect(driver.wait == .milliseconds(100))
        #expect(driver.advance(by: .milliseconds(99)) == [])
        #expect(driver.advance(by: .milliseconds(1)) == [.spawn(slot: 0)])
    }

    @Test func exited_longAfterItsStartButNeverReady_backsOff() {
        var driver = TableDriver(workers: 1)
        driver.send(.tick)
        let pid = driver.spawned(slot: 0)
        driver.advance(by: .seconds(29))
        #expect(driver.send(.exited(pid: pid, .exited(code: 1))) == [])
    }

    @Test func exited_earlyAgainAndAgain_doublesTheWaitUpTo30Seconds() {
        var driver = TableDriver.serving(workers: 2)
        driver.send(.exited(pid: 101, .killed(signal: 9)))
        var waits: [Duration] = []
        for _ in 0..<11 {
            let pid = driver.spawned(slot: 1)
            driver.send(.exited(pid: pid, .killed(signal: 9)))
            guard let wait = driver.wait else { break }
            waits.append(wait)
            #expect(driver.advance(by: wait) == [.spawn(slot: 1)])
        }
        let milliseconds = [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]
        #expect(waits == milliseconds.map { .milliseconds($0) })
    }

    @Test func exited_earlyAfterAHealthyLife_startsWithTheShortestWaitAgain() {
        var driver = TableDriver.serving(workers: 1, age: .zero)
        driver.send(.exited(pid: 100, .killed(signal: 9)))
        driver.advance(by: .milliseconds(100))
        let healthy = driver.spawned(slot: 0)
        driver.send(.received(.ready(isDegraded: true), slot: 0))
        driver.advance(by: .seconds(10))
        driver.send(.exited(pid: healthy, .killed(signal: 9)))
        let early = driver.spawned(slot: 0)
        driver.send(.exited(pid: early, .killed(signal: 9)))
        #expect(driver.wait == .milliseconds(100))
    }

    @Test(arguments: [(0.0, Duration.milliseconds(80)), (1.0, .milliseconds(120))])
    func exited_early_waitsWithJitter(random: Double, wait: Duration) {
        var driver = TableDriver(workers: 1, random: random)
        driver.send(.tick)
        let pid = driver.spawned(slot: 0)
        driver.send(.exited(pid: pid, .exited(code: 1)))
        #expect(driver.wait == wait)
    }

    @Test func spawnFailed_backsOffAndTriesAgain() {
        var driver = TableDriver(workers: 1)
        driver.send(.tick)
        #expect(driver.send(.spawnFailed(slot: 0, SystemCallError("posix_spawn", code: 11))) == [])
        #expect(driver.advance(by: .milliseconds(100)) == [.spawn(slot: 0)])
    }

    @Test func exited_whenNoWorkerEverWorkedAndEachDiedFiveTimes_exits1() {
        var driver = TableDriver(workers: 2)
        driver.send(.tick)
        for death in 1...5 {
            for slot in 0...1 {
                let pid = driver.spawned(slot: slot)
                let actions = driver.send(.exited(pid: pid, .exited(code: 1)))
                let isLast = death == 5 && slot == 1
                #expect(actions == (isLast ? [.closeListener, .exit(.failed)] : []))
            }
            driver.advance(by: .seconds(30))
        }
    }

    @Test func exited_whenOneSlotNeverDies_goesOnForEver() {
        var driver = TableDriver(workers: 2)
        driver.send(.tick)
        driver.spawned(slot: 0)
        driver.send(.received(.ready(isDegraded: false), slot: 0))
        for _ in 1...20 {
            let pid = driver.spawned(slot: 1)
            #expect(driver.send(.exited(pid: pid, .exited(code: 1))) == [])
            #expect(driver.advance(by: .seconds(30)) == [.spawn(slot: 1)])
        }
    }

    @Test func exited_whenAWorkerHasWorkedBefore_goesOnForEver() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.exited(pid: 100, .killed(signal: 9)))
        for _ in 1...20 {
            let pid = driver.spawned(slot: 0)
            #expect(driver.send(.exited(pid: pid, .exited(code: 64))) == [])
            #expect(driver.advance(by: .seconds(30)) == [.spawn(slot: 0)])
        }
    }

    @Test func exited_withBadConfigurationAtFirst_endsTheOthersAndExits64() {
        var driver = TableDriver(workers: 2)
        driver.send(.tick)
        let first = driver.spawned(slot: 0)
        let second = driver.spawned(slot: 1)
        #expect(
            driver.send(.exited(pid: first, .exited(code: 64)))
                == [.closeListener, .send(.drain(deadline: .seconds(5)), slot: 1)]
        )
        #expect(driver.send(.exited(pid: second, .exited(code: 64))) == [.exit(.badConfiguration)])
    }

    @Test(arguments: [Termination.exited(code: 64), .exited(code: 1), .killed(signal: 9)])
    func exited_whenItIsNoWorker_changesNothing(termination: Termination) {
        var driver = TableDriver.serving(workers: 1, age: .zero)
        #expect(driver.send(.exited(pid: 999, termination)) == [])
        #expect(driver.wait == nil)
    }
}
