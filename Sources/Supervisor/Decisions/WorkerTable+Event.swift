// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension WorkerTable {
    /// What can happen to the supervisor.
    package enum Event: Hashable, Sendable {
        /// The process that a ``Action/spawn(slot:)`` asked for runs.
        case spawned(slot: Int, pid: Int32)
        /// The process that a ``Action/spawn(slot:)`` asked for could not be started.
        case spawnFailed(slot: Int, SystemCallError)
        /// A worker has spoken.
        case received(ControlMessage, slot: Int)
        /// A worker's control socket is at its end.
        case controlClosed(slot: Int)
        /// A child was reaped; it need not be a worker when the supervisor is process 1.
        case exited(pid: Int32, Termination)
        /// SIGTERM: finish what is served, then stop.
        case terminate
        /// SIGINT: the same in a hurry.
        case interrupt
        /// Time has passed.
        case tick
    }
}
