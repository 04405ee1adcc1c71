// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Supervisor
import Testing

@Suite struct WorkerTableRollTests {
    private static let drain = ControlMessage.drain(deadline: .seconds(20))

    @Test func reload_startsTheNewBesideTheOldOneAfterAnother() {
        var driver = TableDriver.serving(workers: 2)
        #expect(driver.send(.reload(workers: 2)) == [.spawn(slot: 2, generation: 2, program: .running)])
        #expect(driver.told.contains(.notify(.reloading)))
        #expect(driver.started(slot: 2) == [])
        #expect(driver.advance(by: .milliseconds(999)) == [])
        #expect(driver.advance(by: .milliseconds(1)) == [.send(Self.drain, slot: 0)])
        // The old one still has its connections to the database.
        #expect(driver.advance(by: .seconds(5)) == [])
        #expect(
            driver.send(.exited(pid: 100, .exited(code: 0))) == [.spawn(slot: 0, generation: 2, program: .running)]
        )
        #expect(driver.started(slot: 0) == [.send(Self.drain, slot: 1)])
        #expect(driver.send(.exited(pid: 101, .exited(code: 0))) == [])
        #expect(driver.told.contains(.notify(.ready)))
        #expect(driver.told.contains(.log(.reloaded(generation: 2, workers: 2))))
        #expect(driver.send(.exited(pid: 102, .killed(signal: 9))) == [])
        #expect(driver.advance(by: .milliseconds(100)) == [.spawn(slot: 2, generation: 2, program: .running)])
    }

    @Test(arguments: [Termination.exited(code: 64), .killed(signal: 11)])
    func reload_whenTheFirstNewWorkerDies_keepsTheOldOnes(termination: Termination) {
        var driver = TableDriver.serving(workers: 2)
        driver.send(.reload(workers: 2))
        let pid = driver.spawned(slot: 2)
        #expect(driver.send(.exited(pid: pid, termination)) == [])
        let reason = "the new worker \(termination)"
        #expect(driver.told.contains(.log(.reloadFailed(reason: reason, isPartial: false))))
        #expect(driver.told.contains(.notify(.ready)))
        #expect(driver.advance(by: .seconds(60)) == [])
        #expect(driver.send(.exited(pid: 101, .killed(signal: 9))) == [.spawn(slot: 1)])
    }

    @Test func reload_whenTheFirstNewWorkerDiesSoonAfterItWasReady_keepsTheOldOnes() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.reload(workers: 1))
        driver.started(slot: 1)
        driver.advance(by: .milliseconds(500))
        #expect(driver.send(.exited(pid: 101, .killed(signal: 6))) == [])
        #expect(driver.advance(by: .seconds(60)) == [])
    }

    @Test func reload_whenTheFirstNewWorkerHangsInItsStart_killsItAndKeepsTheOldOnes() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.reload(workers: 1))
        let pid = driver.spawned(slot: 1)
        #expect(driver.advance(by: .seconds(30)) == [.kill(pid: pid)])
        #expect(driver.send(.exited(pid: pid, .killed(signal: 9))) == [])
        #expect(driver.advance(by: .seconds(60)) == [])
    }

    @Test func reload_afterOneThatFailed_works() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.reload(workers: 1))
        driver.send(.exited(pid: driver.spawned(slot: 1), .exited(code: 64)))
        #expect(driver.send(.reload(workers: 1)) == [.spawn(slot: 1, generation: 3, program: .running)])
        driver.started(slot: 1)
        #expect(driver.advance(by: .seconds(1)) == [.send(Self.drain, slot: 0)])
    }

    @Test func reload_whenALaterNewWorkerDies_stopsAndKeepsWhatWorks() {
        var driver = TableDriver.serving(workers: 2)
        driver.send(.reload(workers: 2))
        driver.started(slot: 2)
        driver.advance(by: .seconds(1))
        driver.send(.exited(pid: 100, .exited(code: 0)))
        let pid = driver.spawned(slot: 0)
        #expect(driver.send(.exited(pid: pid, .exited(code: 70))) == [])
        #expect(
            driver.told.contains(
                .log(.reloadFailed(reason: "the new worker exited with status 70", isPartial: true))
            )
        )
        #expect(driver.advance(by: .seconds(60)) == [])
    }

    @Test func reload_whileOneRuns_makesOneMoreAndNotMore() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.reload(workers: 1))
        for _ in 0..<5 { #expect(driver.send(.reload(workers: 1)) == []) }
        driver.started(slot: 1)
        driver.advance(by: .seconds(1))
        #expect(
            driver.send(.exited(pid: 100, .exited(code: 0))) == [.spawn(slot: 0, generation: 3, program: .running)]
        )
        driver.started(slot: 0)
        driver.advance(by: .seconds(1))
        #expect(driver.send(.exited(pid: 101, .exited(code: 0))) == [])
        #expect(driver.advance(by: .seconds(60)) == [])
    }

    @Test func upgrade_whileAReloadRuns_comesNext_andIsNotForgottenForAnotherReload() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.reload(workers: 1))
        driver.send(.reload(workers: 1))
        #expect(driver.send(.upgrade) == [])
        driver.send(.reload(workers: 1))
        driver.started(slot: 1)
        driver.advance(by: .seconds(1))
        #expect(
            driver.send(.exited(pid: 100, .exited(code: 0)))
                == [.spawn(slot: 0, generation: 3, program: .installed)]
        )
    }

    @Test func upgrade_whileOneWaits_isRefused() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.reload(workers: 1))
        driver.send(.upgrade)
        driver.send(.upgrade)
        #expect(driver.told == [.log(.upgradeFailed(reason: "an upgrade is in progress"))])
    }

    @Test func reload_whenTheOldWorkerDiesMeanwhile_letsTheNewOneTakeItsPlace() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.reload(workers: 1))
        #expect(driver.send(.exited(pid: 100, .killed(signal: 9))) == [])
        driver.started(slot: 1)
        #expect(driver.advance(by: .seconds(1)) == [])
        #expect(driver.advance(by: .seconds(60)) == [])
    }

    @Test func reload_withOtherWorkerCount_changesItAtTheEnd() {
        var driver = TableDriver.serving(workers: 1, maximum: 3)
        driver.send(.reload(workers: 2))
        driver.started(slot: 1)
        #expect(driver.advance(by: .seconds(1)) == [.send(Self.drain, slot: 0)])
        #expect(
            driver.send(.exited(pid: 100, .exited(code: 0))) == [.spawn(slot: 0, generation: 2, program: .running)]
        )
    }

    @Test func reload_whenEveryWorkerWaitsToBeStartedAgain_startsThemNow() {
        var driver = TableDriver.serving(workers: 1, age: .zero)
        driver.send(.exited(pid: 100, .killed(signal: 9)))
        driver.send(.reload(workers: 1))
        #expect(driver.advance(by: .zero) == [.spawn(slot: 0, generation: 2, program: .running)])
    }

    @Test func reloadRefused_tellsTheServiceManagerAndChangesNothing() {
        var driver = TableDriver.serving(workers: 1)
        #expect(driver.send(.reloadRefused(reason: "POSTERN_WORKERS must be a number")) == [])
        #expect(
            driver.told == [
                .notify(.reloading),
                .log(.reloadFailed(reason: "POSTERN_WORKERS must be a number", isPartial: false)),
                .notify(.ready),
            ]
        )
    }

    @Test func upgrade_replacesWorkersThenTheSupervisor() {
        var driver = TableDriver.serving(workers: 1)
        #expect(driver.send(.upgrade) == [.spawn(slot: 1, generation: 2, program: .installed)])
        #expect(driver.send(.upgrade) == [])
        driver.started(slot: 1)
        #expect(driver.advance(by: .seconds(1)) == [.send(Self.drain, slot: 0)])
        #expect(driver.send(.exited(pid: 100, .exited(code: 0))) == [.replaceSelf])
        let snapshot = driver.table.snapshot
        #expect(snapshot.workers.map(\.pid) == [101])
        #expect(snapshot.generation == 2)

        // When it could not be replaced, workers are still started from the installed program.
        #expect(driver.send(.upgradeRefused(reason: "execve")) == [])
        driver.advance(by: .seconds(60))
        #expect(
            driver.send(.exited(pid: 101, .killed(signal: 9)))
                == [.spawn(slot: 1, generation: 2, program: .installed)]
        )
    }

    @Test func upgrade_whenTheNewProgramDoesNotWork_keepsOldWorkersAndOldProgram() {
        var driver = TableDriver.serving(workers: 1)
        driver.send(.upgrade)
        let pid = driver.spawned(slot: 1)
        #expect(driver.send(.exited(pid: pid, .killed(signal: 4))) == [])
        #expect(driver.send(.exited(pid: 100, .killed(signal: 9))) == [.spawn(slot: 0)])
    }

    @Test func restoring_goesOnWithTheSameWorkers() {
        var first = TableDriver.serving(workers: 2)
        first.send(.exited(pid: 101, .killed(signal: 9)))
        var second = first
        second.table = WorkerTable(
            restoring: first.table.snapshot,
            policy: .withoutDelay,
            at: first.now,
            random: { 0.5 }
        )
        #expect(second.send(.tick) == [.spawn(slot: 1)])
        #expect(second.send(.exited(pid: 100, .killed(signal: 9))) == [.spawn(slot: 0)])
    }
}
