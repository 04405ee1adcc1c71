// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Glibc
import Supervisor
import Worker

/// `postern serve`: the supervisor with its workers.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the API: one supervisor and POSTERN_WORKERS worker processes.",
        discussion: """
            Needs DATABASE_URL and POSTERN_SECRET (or POSTERN_SECRET_FILE), and a schema that is up to date: \
            postern migrate up. SIGTERM and SIGINT stop it when the requests in progress are answered.
            """
    )

    func run() throws {
        // Every setting is checked here, where somebody reads the message, and not in a worker.
        let settings = try Settings.ofProcess()
        let configuration = try Configuration(settings, cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        try Composition.check(configuration)
        let logger = try LoggingConfiguration(settings, isTerminal: Terminal.isInteractive)
            .makeLogger(label: "supervisor")
        var policy = SupervisorPolicy()
        policy.shutdownDelay = configuration.supervision.shutdownDelay
        policy.maximumAge = configuration.supervision.workerMaximumAge
        policy.maximumMemory = configuration.supervision.workerMaximumMemory
        var supervisor = try Supervisor(
            configuration: SupervisorConfiguration(
                listen: configuration.server.listen,
                workers: configuration.server.workers,
                workerArguments: { slot in ["postern", WorkerCommand.name, "--slot", "\(slot)"] },
                policy: policy
            ),
            logger: logger
        )
        throw ExitCode(supervisor.run().rawValue)
    }
}
