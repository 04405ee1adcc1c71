// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension WorkerTable {
    /// What the supervisor has to do, in the order given.
    package enum Action: Hashable, Sendable {
        /// Start a worker, and report ``Event/spawned(slot:pid:)`` or ``Event/spawnFailed(slot:_:)``.
        case spawn(slot: Int)
        /// Send a message to the worker of the slot.
        case send(ControlMessage, slot: Int)
        /// Send SIGKILL to a worker.
        case kill(pid: Int32)
        /// Admit no new connection and close the supervisor's copy of the listener.
        case closeListener
        case log(SupervisorNotice)
        /// Nothing is left to do.
        case exit(ExitStatus)
    }
}
