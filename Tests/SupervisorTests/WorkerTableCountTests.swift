// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Supervisor
import Testing

@Suite struct WorkerTableCountTests {
    private static let drain = ControlMessage.drain(deadline: .seconds(20))

    @Test func increase_startsOneMoreUpToTheLimit() {
        var driver = TableDriver.serving(workers: 1, maximum: 2)
        #expect(driver.send(.increase) == [.spawn(slot: 1)])
        driver.started(slot: 1)
        #expect(driver.send(.increase) == [])
        #expect(driver.told == [.log(.workersUnchanged(limit: 2))])
    }

    @Test func increase_isNeverBeyondWhatTheDatabaseHasRoomFor() {
        var driver = TableDriver.serving(workers: 2, maximum: 4)
        driver.table.room = 2
        #expect(driver.send(.increase) == [])
        #expect(driver.told == [.log(.workersUnchanged(limit: 2))])
        driver.table.room = 3
        #expect(driver.send(.increase) == [.spawn(slot: 2)])
    }

    @Test func decrease_whenThereAreMoreThanTheDatabaseHasRoomFor_drainsOne() {
        var driver = TableDriver.serving(workers: 4)
        driver.table.room = 2
        #expect(driver.send(.decrease) == [.send(Self.drain, slot: 3)])
    }

    @Test func decrease_drainsOneDownToOne() {
        var driver = TableDriver.serving(workers: 2)
        #expect(driver.send(.decrease) == [.send(Self.drain, slot: 1)])
        #expect(driver.send(.exited(pid: 101, .exited(code: 0))) == [])
        #expect(driver.send(.decrease) == [])
        #expect(driver.told == [.log(.workersUnchanged(limit: 2))])
        #expect(driver.advance(by: .seconds(60)) == [])
    }

    @Test func decrease_whenTheWorkerIsLate_killsIt() {
        var driver = TableDriver.serving(workers: 2)
        driver.send(.decrease)
        #expect(driver.advance(by: .seconds(23)) == [.kill(pid: 101)])
    }

    @Test func reopenLogs_tellsEveryReadyWorker() {
        var driver = TableDriver.serving(workers: 2)
        #expect(driver.send(.reopenLogs) == [.send(.reopenLogs, slot: 0), .send(.reopenLogs, slot: 1)])
    }
}
