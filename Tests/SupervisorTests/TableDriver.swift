// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Supervisor

/// A ``WorkerTable`` with a clock that the test moves; the actions it answers, without those that only tell or tidy up.
struct TableDriver {
    var table: WorkerTable
    /// What the service manager and the log were told last.
    private(set) var told: [WorkerTable.Action] = []
    /// Why workers were replaced, all in all.
    private(set) var restarts: [RestartReason] = []
    var now = MonotonicTime(nanoseconds: 1_000_000_000_000)
    private var nextPID: Int32 = 100

    /// `random` of one half means a back-off without jitter.
    init(
        workers: Int,
        maximum: Int? = nil,
        random: Double = 0.5,
        policy: SupervisorPolicy = .withoutDelay
    ) {
        table = WorkerTable(
            workers: workers,
            maximumWorkers: maximum ?? workers,
            policy: policy,
            random: { random }
        )
    }

    /// A table whose workers are all ready, and have been for `age`.
    static func serving(
        workers: Int,
        maximum: Int? = nil,
        age: Duration = .seconds(60),
        policy: SupervisorPolicy = .withoutDelay
    ) -> TableDriver {
        var driver = TableDriver(workers: workers, maximum: maximum, policy: policy)
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
        let actions = table.handle(event, at: now)
        told = actions.filter(\.isOnlyTold)
        restarts += actions.compactMap { if case .count(let reason) = $0 { reason } else { nil } }
        return actions.filter { !$0.isOnlyTold }
    }

    /// Reports that the slot's worker was started and is ready.
    @discardableResult
    mutating func started(slot: Int) -> [WorkerTable.Action] {
        spawned(slot: slot)
        return send(.received(.ready(isDegraded: false), slot: slot))
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

extension WorkerTable.Action {
    fileprivate var isOnlyTold: Bool {
        switch self {
        case .log, .notify, .clear, .count: true
        default: false
        }
    }

    /// A worker of the first generation.
    static func spawn(slot: Int) -> WorkerTable.Action {
        .spawn(slot: slot, generation: 1, program: .running)
    }
}

extension SupervisorPolicy {
    /// The policy of a host that no load balancer watches, and whose workers never grow old.
    static var withoutDelay: SupervisorPolicy {
        var policy = SupervisorPolicy()
        policy.shutdownDelay = .zero
        policy.maximumAge = nil
        return policy
    }
}
