// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension WorkerTable {
    /// What the supervisor has to do, in the order given.
    package enum Action: Hashable, Sendable {
        /// Start a worker, and report ``Event/spawned(slot:pid:)`` or ``Event/spawnFailed(slot:_:)``.
        case spawn(slot: Int, generation: Int, program: ProgramSource)
        /// Send a message to the worker of the slot.
        case send(ControlMessage, slot: Int)
        /// Send SIGABRT to a worker, which then writes down where it is stuck.
        case abort(pid: Int32)
        /// Send SIGKILL to a worker.
        case kill(pid: Int32)
        /// Forget what the worker that was in the slot had open.
        case clear(slot: Int)
        /// Let the readiness check fail in every worker.
        case stopReadiness
        /// Admit no new connection and close the supervisor's copy of the listener.
        case closeListener
        /// Become the installed program, which every worker runs by now; if that fails, report
        /// ``Event/upgradeRefused(reason:)``.
        case replaceSelf
        /// Tell the service manager.
        case notify(ServiceState)
        case log(SupervisorNotice)
        /// Count a worker whose place another one takes.
        case count(RestartReason)
        /// Nothing is left to do.
        case exit(ExitStatus)
    }
}
