// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What the operator's settings say to the supervisor itself.
package struct SupervisorSettings: Hashable, Sendable {
    /// Where to listen.
    package var listen: ListenAddress
    /// Where operators are served; nil for nowhere.
    package var adminListen: ListenAddress?
    /// How many workers are kept running: 1 or more.
    package var workers: Int
    /// How many a signal can ask for.
    package var maximumWorkers: Int
    /// How long requests are still taken after SIGTERM.
    package var shutdownDelay: Duration
    /// At which age a worker is replaced; nil for never.
    package var workerMaximumAge: Duration?
    /// Above how many resident bytes a worker is replaced; nil for never.
    package var workerMaximumMemory: Int?
    /// How the supervisor itself logs.
    package var logging: LoggingConfiguration

    package init(
        listen: ListenAddress,
        adminListen: ListenAddress?,
        workers: Int,
        maximumWorkers: Int,
        shutdownDelay: Duration,
        workerMaximumAge: Duration?,
        workerMaximumMemory: Int?,
        logging: LoggingConfiguration
    ) {
        self.listen = listen
        self.adminListen = adminListen
        self.workers = workers
        self.maximumWorkers = maximumWorkers
        self.shutdownDelay = shutdownDelay
        self.workerMaximumAge = workerMaximumAge
        self.workerMaximumMemory = workerMaximumMemory
        self.logging = logging
    }

    /// The part of the settings of `serve` that is the supervisor's.
    package init(_ configuration: Configuration, logging: LoggingConfiguration) {
        self.init(
            listen: configuration.server.listen,
            adminListen: configuration.server.adminListen,
            workers: configuration.server.workers,
            maximumWorkers: configuration.supervision.maximumWorkers,
            shutdownDelay: configuration.supervision.shutdownDelay,
            workerMaximumAge: configuration.supervision.workerMaximumAge,
            workerMaximumMemory: configuration.supervision.workerMaximumMemory,
            logging: logging
        )
    }

    /// The times and limits of the decisions.
    package var policy: SupervisorPolicy {
        var policy = SupervisorPolicy()
        policy.shutdownDelay = shutdownDelay
        policy.maximumAge = workerMaximumAge
        policy.maximumMemory = workerMaximumMemory
        return policy
    }

    /// The names of the settings that differ in `other` and that a reload cannot change.
    package func fixedSettings(changedIn other: SupervisorSettings) -> [String] {
        var names: [String] = []
        if other.listen != listen { names.append(SettingKey.listen) }
        if other.adminListen != adminListen { names.append(SettingKey.adminListen) }
        // The memory that is shared has a place for each worker.
        if other.maximumWorkers != maximumWorkers { names.append(SettingKey.maximumWorkers) }
        if other.logging.file != logging.file { names.append(SettingKey.logFile) }
        return names
    }
}
