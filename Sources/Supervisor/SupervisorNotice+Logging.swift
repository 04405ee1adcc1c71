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
        case .workerStarted, .backingOff: .info
        case .workerReady(_, _, let isDegraded): isDegraded ? .warning : .info
        case .workerExited(_, _, let termination): termination == .exited(code: 0) ? .info : .error
        case .draining, .stopped: .notice
        case .killing: .warning
        case .spawnFailed: .error
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
        case .strangerReaped: "reaped a process that is no worker"
        case .badConfiguration: "stopping because the configuration is wrong"
        case .crashLoop: "stopping because every worker fails to start"
        case .draining: "stopping when the requests under way are answered"
        case .stopped: "stopped"
        }
    }

    private var metadata: Logger.Metadata {
        switch self {
        case .workerStarted(let slot, let pid), .workerReady(let slot, let pid, _):
            ["slot": "\(slot)", "pid": "\(pid)"]
        case .workerExited(let slot, let pid, let termination):
            termination.metadata.merging(["slot": "\(slot)", "pid": "\(pid)"]) { $1 }
        case .spawnFailed(let slot, let error): ["slot": "\(slot)", "error": "\(error)"]
        case .backingOff(let slot, let earlyDeaths, let wait):
            ["slot": "\(slot)", "early_deaths": "\(earlyDeaths)", "wait_ms": "\(wait.milliseconds)"]
        case .killing(let slot, let pid, let reason):
            ["slot": "\(slot)", "pid": "\(pid)", "reason": "\(reason.rawValue)"]
        case .strangerReaped(let pid, let termination): termination.metadata.merging(["pid": "\(pid)"]) { $1 }
        case .badConfiguration, .crashLoop: [:]
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
