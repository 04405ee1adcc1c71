// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Glibc
import SharedMemory
import Supervisor
import Worker

/// `postern serve`: the supervisor with its workers.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the API: one supervisor and POSTERN_WORKERS worker processes.",
        discussion: """
            Needs DATABASE_URL and POSTERN_SECRET (or POSTERN_SECRET_FILE), and a schema that is up to date: \
            postern migrate up. SIGTERM and SIGINT stop it when the requests in progress are answered; SIGHUP reads the \
            settings again, and SIGUSR2 goes on with the installed program.
            """
    )

    @Option(help: .hidden)
    var handover: Int32?

    func run() throws {
        throw ExitCode(try handover.map(goOn) ?? start())
    }

    private func start() throws -> Int32 {
        // Every setting is checked here, where somebody reads the message, and not in a worker.
        let settings = try Self.readSettings()
        let logFile = try settings.logging.openFile()
        try Self.checkConnections(settings, logFile)
        let program = InstalledProgram.path(invokedAs: CommandLine.arguments.first ?? "postern")
        var supervisor = try Supervisor(settings, Self.supervisor(of: program), logFile: logFile)
        return supervisor.run().rawValue
    }

    /// Goes on in the place of an earlier supervisor; the settings are the ones that it had.
    private func goOn(from handover: Int32) throws -> Int32 {
        let handover = try Handover.take(from: handover)
        var supervisor = try Supervisor(handover, Self.supervisor(of: handover.installedProgram))
        return supervisor.run().rawValue
    }

    private static func supervisor(of program: String) -> SupervisorConfiguration {
        SupervisorConfiguration(
            installedProgram: program,
            workerArguments: { slot, generation in
                ["postern", WorkerCommand.name, "--slot", "\(slot)", "--generation", "\(generation)"]
            },
            selfCheckArguments: ["postern", SelfCheckCommand.name],
            successorArguments: { ["postern", "serve", "--handover", "\($0)"] },
            rateLimitBytes: RateLimitTable.usualSize,
            readSettings: { () throws(ConfigurationError) in try readSettings() }
        )
    }

    /// Refuses to start workers that would not all get their connections.
    ///
    /// Here, because a supervisor never opens the database.
    private static func checkConnections(_ settings: SupervisorSettings, _ logFile: LogFile?) throws {
        let database = try DatabaseConfiguration(Settings.ofProcess())
        try ConnectionBudget(workers: settings.workers, poolSize: database.poolSize)
            .check(database, logger: settings.logging.makeLogger(label: "supervisor", to: logFile))
    }

    /// Reads the settings and checks all of them.
    static func readSettings() throws(ConfigurationError) -> SupervisorSettings {
        let settings = try Settings.ofProcess()
        let configuration = try Configuration(settings, cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        try Composition.check(configuration)
        let logging = try LoggingConfiguration(settings, isTerminal: Terminal.isInteractive)
        return SupervisorSettings(configuration, logging: logging)
    }
}
