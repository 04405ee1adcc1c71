// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging

extension SupervisorNotice {
    /// Writes the notice: a constant text, what varies as metadata.
    func write(to logger: Logger) {
        logger.log(level: level, message, metadata: metadata)
    }

    private var level: Logger.Level {
        switch self {
        case .strangerReaped: .debug
        case .workerStarted, .backingOff, .recycling, .reloadPostponed, .workersChanged, .logsReopened: .info
        case .workerReady(_, _, let isDegraded): isDegraded ? .warning : .info
        case .workerExited(_, _, let termination): termination == .exited(code: 0) ? .info : .error
        case .leaving, .draining, .stopped, .reloading, .reloaded: .notice
        case .killing, .overslept, .workersUnchanged: .warning
        case .spawnFailed, .stuck, .reloadFailed, .upgradeFailed: .error
        case .badConfiguration, .crashLoop: .critical
        }
    }

    private var message: Logger.Message {
        switch self {
        case .workerStarted: "worker started"
        case .workerReady(_, _, isDegraded: false): "worker ready"
        case .workerReady(_, _, isDegraded: true): "worker ready without the database"
        case .workerExited: "worker exited"
        case .spawnFailed: "worker could not be started"
        case .backingOff: "worker will be started again"
        case .killing: "killing worker"
        case .stuck: "worker is stuck"
        case .recycling: "replacing worker"
        case .overslept: "supervisor was asleep; silent workers are forgiven once"
        case .strangerReaped: "reaped a process that is no worker"
        case .badConfiguration: "stopping because the configuration is wrong"
        case .crashLoop: "stopping because every worker fails to start"
        case .reloading(_, .running): "reloading"
        case .reloading(_, .installed): "upgrading to the installed program"
        case .reloadPostponed: "reloading once more after the present reload"
        case .reloaded: "reloaded"
        case .reloadFailed(_, isPartial: false): "reload failed; the workers stay as they are"
        case .reloadFailed(_, isPartial: true): "reload failed; some workers are replaced already, the others stay"
        case .upgradeFailed: "upgrade failed"
        case .workersChanged: "number of workers changed"
        case .workersUnchanged: "number of workers cannot be changed now"
        case .logsReopened: "log file reopened"
        case .leaving: "stopping soon; not ready any more, still serving"
        case .draining: "stopping when the requests under way are answered"
        case .stopped: "stopped"
        }
    }

    private var metadata: Logger.Metadata {
        switch self {
        case .workerStarted(let slot, let pid, let generation):
            ["slot": "\(slot)", "pid": "\(pid)", "generation": "\(generation)"]
        case .workerReady(let slot, let pid, _):
            ["slot": "\(slot)", "pid": "\(pid)"]
        case .workerExited(let slot, let pid, let termination):
            termination.metadata.merging(["slot": "\(slot)", "pid": "\(pid)"]) { $1 }
        case .spawnFailed(let slot, let error): ["slot": "\(slot)", "error": "\(error)"]
        case .backingOff(let slot, let earlyDeaths, let wait):
            ["slot": "\(slot)", "early_deaths": "\(earlyDeaths)", "wait_ms": "\(wait.milliseconds)"]
        case .killing(let slot, let pid, let reason):
            ["slot": "\(slot)", "pid": "\(pid)", "reason": "\(reason.rawValue)"]
        case .stuck(let slot, let pid, let part, let silence):
            ["slot": "\(slot)", "pid": "\(pid)", "part": "\(part.rawValue)", "silence_ms": "\(silence.milliseconds)"]
        case .recycling(let slot, let pid, let reason):
            ["slot": "\(slot)", "pid": "\(pid)", "reason": "\(reason.rawValue)"]
        case .overslept(let pause): ["pause_ms": "\(pause.milliseconds)"]
        case .strangerReaped(let pid, let termination): termination.metadata.merging(["pid": "\(pid)"]) { $1 }
        case .badConfiguration, .crashLoop, .reloadPostponed, .logsReopened: [:]
        case .reloading(let generation, _): ["generation": "\(generation)"]
        case .reloaded(let generation, let workers): ["generation": "\(generation)", "workers": "\(workers)"]
        case .reloadFailed(let reason, _), .upgradeFailed(let reason): ["reason": "\(reason)"]
        case .workersChanged(let workers): ["workers": "\(workers)"]
        case .workersUnchanged(let limit): ["limit": "\(limit)"]
        case .leaving(let delay): ["delay_ms": "\(delay.milliseconds)"]
        case .draining(let deadline): ["deadline_ms": "\(deadline.milliseconds)"]
        case .stopped(let status): ["status": "\(status.rawValue)"]
        }
    }
}

extension Termination {
    fileprivate var metadata: Logger.Metadata {
        switch self {
        case .exited(let code): ["status": "\(code)"]
        case .killed(let signal): ["signal": "\(signal)"]
        }
    }
}
