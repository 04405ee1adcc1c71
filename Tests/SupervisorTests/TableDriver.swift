// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Supervisor

/// A ``WorkerTable`` with a clock that the test moves; the actions it answers, without the log.
struct TableDriver {
    var table: WorkerTable
    var now = MonotonicTime(nanoseconds: 1_000_000_000_000)
    private var nextPID: Int32 = 100

    /// `random` of one half means a back-off without jitter.
    init(workers: Int, random: Double = 0.5, policy: SupervisorPolicy = SupervisorPolicy()) {
        table = WorkerTable(workers: workers, policy: policy, random: { random })
    }

    /// A table whose workers are all ready, and have been for `age`.
    static func serving(workers: Int, age: Duration = .seconds(60)) -> TableDriver {
        var driver = TableDriver(workers: workers)
        driver.send(.tick)
        for slot in 0..<workers {
            driver.spawned(slot: slot)
            driver.send(.received(.ready(isDegraded: false), slot: slot))
        }
        driver.advance(by: age)
        return driver
    }

    @discardableResult
    mutating func send(_ event: WorkerTable.Event) -> [WorkerTable.Action] {
        table.handle(event, at: now).filter { if case .log = $0 { false } else { true } }
    }

    /// Moves the clock and lets the table know.
    @discardableResult
    mutating func advance(by duration: Duration) -> [WorkerTable.Action] {
        now = now + duration
        return send(.tick)
    }

    /// Reports that the slot's worker was started, under process ids 100, 101 and so on.
    @discardableResult
    mutating func spawned(slot: Int) -> Int32 {
        defer { nextPID += 1 }
        send(.spawned(slot: slot, pid: nextPID))
        return nextPID
    }

    /// How long until the table has to be woken.
    var wait: Duration? {
        table.nextDeadline.map { $0 - now }
    }
}
