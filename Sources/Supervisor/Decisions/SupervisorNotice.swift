// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What the supervisor tells the log.
package enum SupervisorNotice: Hashable, Sendable {
    case workerStarted(slot: Int, pid: Int32, generation: Int)
    case workerReady(slot: Int, pid: Int32, isDegraded: Bool)
    case workerExited(slot: Int, pid: Int32, Termination)
    case spawnFailed(slot: Int, SystemCallError)
    case backingOff(slot: Int, earlyDeaths: Int, wait: Duration)
    case killing(slot: Int, pid: Int32, KillReason)
    /// A worker's part gave no sign of life for so long.
    case stuck(slot: Int, pid: Int32, VitalPart, silence: Duration)
    case recycling(slot: Int, pid: Int32, RecyclingReason)
    /// The supervisor itself did not run for so long, so that nothing can be said of the workers.
    case overslept(Duration)
    /// A child that is no worker has ended.
    case strangerReaped(pid: Int32, Termination)
    /// A worker says that a setting is wrong, and none has ever worked.
    case badConfiguration
    /// All workers keep dying, and none has ever worked.
    case crashLoop
    case reloading(generation: Int, ProgramSource)
    /// One reload at a time: this one comes after the present one.
    case reloadPostponed
    case reloaded(generation: Int, workers: Int)
    case reloadFailed(reason: String, isPartial: Bool)
    case upgradeFailed(reason: String)
    case workersChanged(to: Int)
    case workersUnchanged(limit: Int)
    case logsReopened
    /// The readiness check fails, and requests are still served.
    case leaving(delay: Duration)
    case draining(deadline: Duration)
    case stopped(ExitStatus)
}
