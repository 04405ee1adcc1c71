// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Supervisor
import Testing

@Suite struct WorkerTableLeavingTests {
    private static let drain = ControlMessage.drain(deadline: .seconds(20))

    private func serving(workers: Int) -> TableDriver {
        var policy = SupervisorPolicy.withoutDelay
        policy.shutdownDelay = .seconds(5)
        return .serving(workers: workers, policy: policy)
    }

    @Test func terminate_servesOnForTheDelayThenDrains() {
        var driver = serving(workers: 1)
        #expect(driver.send(.terminate) == [.stopReadiness])
        #expect(driver.told.contains(.notify(.stopping)))
        #expect(driver.wait == .seconds(5))
        #expect(driver.advance(by: .milliseconds(4999)) == [])
        #expect(driver.advance(by: .milliseconds(1)) == [.closeListener, .send(Self.drain, slot: 0)])
        #expect(driver.send(.exited(pid: 100, .exited(code: 0))) == [.exit(.done)])
    }

    @Test func exited_duringTheDelay_isReplaced() {
        var driver = serving(workers: 1)
        driver.send(.terminate)
        #expect(driver.send(.exited(pid: 100, .killed(signal: 9))) == [.spawn(slot: 0)])
    }

    @Test func reload_duringTheDelay_isIgnored() {
        var driver = serving(workers: 1)
        driver.send(.terminate)
        #expect(driver.send(.reload(workers: 1)) == [])
    }

    @Test func terminate_duringAReload_endsWithoutIt() {
        var driver = serving(workers: 1)
        driver.send(.reload(workers: 1))
        driver.started(slot: 1)
        driver.send(.terminate)
        driver.advance(by: .seconds(1))
        #expect(
            driver.advance(by: .seconds(4))
                == [.closeListener, .send(Self.drain, slot: 0), .send(Self.drain, slot: 1)]
        )
    }

    @Test func terminate_twice_killsAtOnce() {
        var driver = serving(workers: 1)
        driver.send(.terminate)
        driver.advance(by: .seconds(1))
        let actions = driver.send(.terminate)
        #expect(actions.contains(.closeListener))
        #expect(actions.last == .kill(pid: 100))
        #expect(driver.send(.exited(pid: 100, .killed(signal: 9))) == [.exit(.failed)])
    }

    @Test(arguments: [WorkerTable.Event.quit, .interrupt])
    func otherSignals_doNotWait(event: WorkerTable.Event) {
        var driver = serving(workers: 1)
        #expect(driver.send(event).prefix(2) == [.stopReadiness, .closeListener])
    }

    @Test func terminate_beforeAnyWorkerWasReady_doesNotWait() {
        var policy = SupervisorPolicy.withoutDelay
        policy.shutdownDelay = .seconds(5)
        var driver = TableDriver(workers: 1, policy: policy)
        driver.send(.tick)
        driver.spawned(slot: 0)
        #expect(driver.send(.terminate).contains(.closeListener))
    }
}
