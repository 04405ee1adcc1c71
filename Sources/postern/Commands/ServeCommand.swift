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
        let file = try Self.configurationFile.map(PinnedFile.init(copying:))
        let settings = try Self.readSettings(file?.path)
        let logFile = try settings.logging.openFile()
        let room = try Self.checkConnections(settings, file?.path, logFile)
        let program = InstalledProgram.path(invokedAs: CommandLine.arguments.first ?? "postern")
        var supervisor = try Supervisor(
            settings,
            Self.supervisor(of: program),
            room: room,
            configurationFile: file,
            logFile: logFile
        )
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
            configurationFile: configurationFile,
            readSettings: { file throws(ConfigurationError) in try readSettings(file) }
        )
    }

    /// Refuses to start workers that would not all get their connections.
    ///
    /// Here and in a self-check, because a supervisor never opens the database. Answers how many workers would get theirs; nil
    /// when that is not known.
    static func checkConnections(
        _ settings: SupervisorSettings,
        _ configurationFile: String? = nil,
        _ logFile: LogFile? = nil
    ) throws -> Int? {
        let database = try DatabaseConfiguration(Settings.ofProcess(configurationFile: configurationFile))
        let budget = ConnectionBudget(workers: settings.workers, poolSize: database.poolSize)
        let logger = settings.logging.makeLogger(label: "supervisor", to: logFile)
        budget.checkReplica(database, logger: logger)
        return try budget.check(database, logger: logger)
    }

    /// The file that `POSTERN_CONFIG` names; nil for none.
    private static var configurationFile: String? {
        getenv(SettingKey.configurationFile).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Reads the settings and checks all of them.
    ///
    /// - Parameter configurationFile: Where the file that `POSTERN_CONFIG` names is read; nil for there.
    /// - Returns: What of it is the supervisor's.
    /// - Throws: ``ConfigurationError`` for the first setting that is missing, wrong or unsafe.
    static func readSettings(_ configurationFile: String? = nil) throws(ConfigurationError) -> SupervisorSettings {
        let settings = try Settings.ofProcess(configurationFile: configurationFile)
        let configuration = try Configuration(settings, cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        try configuration.database.checkURL()
        try Composition.check(configuration)
        let logging = try LoggingConfiguration(settings, isTerminal: Terminal.isInteractive)
        return SupervisorSettings(configuration, logging: logging)
    }
}
