// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension WorkerTable {
    /// What can happen to the supervisor.
    package enum Event: Hashable, Sendable {
        /// The process that a ``Action/spawn(slot:generation:program:)`` asked for runs.
        case spawned(slot: Int, pid: Int32)
        /// The process that a ``Action/spawn(slot:generation:program:)`` asked for could not be started.
        case spawnFailed(slot: Int, SystemCallError)
        /// A worker has spoken.
        case received(ControlMessage, slot: Int)
        /// A worker's control socket is at its end.
        case controlClosed(slot: Int)
        /// A child was reaped; it need not be a worker when the supervisor is process 1.
        case exited(pid: Int32, Termination)
        /// What the workers look like from outside, by slot; due each second.
        case observed([Int: WorkerVitals])
        /// SIGTERM: say that it is no longer ready, go on for a while, finish what is served, then stop.
        case terminate
        /// SIGQUIT: finish what is served, then stop.
        case quit
        /// SIGINT: the same in a hurry.
        case interrupt
        /// SIGHUP, with settings that are good: replace every worker.
        case reload(workers: Int)
        /// SIGHUP, with settings that are not.
        case reloadRefused(reason: String)
        /// SIGUSR2, with an installed program that is good: replace every worker, then the supervisor.
        case upgrade
        /// SIGUSR2, with an installed program that is not, or cannot be run in place of this one.
        case upgradeRefused(reason: String)
        /// SIGTTIN: one worker more.
        case increase
        /// SIGTTOU: one worker less.
        case decrease
        /// SIGUSR1: the log file was moved away.
        case reopenLogs
        /// Time has passed.
        case tick
    }
}
