// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What the supervisor tells the log.
package enum SupervisorNotice: Hashable, Sendable {
    case workerStarted(slot: Int, pid: Int32)
    case workerReady(slot: Int, pid: Int32, isDegraded: Bool)
    case workerExited(slot: Int, pid: Int32, Termination)
    case spawnFailed(slot: Int, SystemCallError)
    case backingOff(slot: Int, earlyDeaths: Int, wait: Duration)
    case killing(slot: Int, pid: Int32, KillReason)
    /// A child that is no worker has ended.
    case strangerReaped(pid: Int32, Termination)
    /// A worker says that a setting is wrong, and none has ever worked.
    case badConfiguration
    /// All workers keep dying, and none has ever worked.
    case crashLoop
    case draining(deadline: Duration)
    case stopped(ExitStatus)
}
