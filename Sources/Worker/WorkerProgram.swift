// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Database
import Logging
import NIOCore
import NIOPosix
import Services
import SharedMemory

/// The life of a worker process: connect, load the keys, say that it is ready, serve, drain, exit.
package struct WorkerProgram: Sendable {
    /// How long a starting worker waits for the database before it serves without it: it then answers what needs no
    /// database, and the rest with 503, until the database is there.
    private static let databasePatience = Duration.seconds(3)

    private let configuration: Configuration
    private let slot: Int
    private let logFile: LogFile?
    private let logger: Logger

    /// - Parameters:
    ///   - configuration: The settings.
    ///   - slot: Which of the workers this is.
    ///   - logFile: Where the log goes; nil for standard output.
    ///   - logger: The log.
    package init(configuration: Configuration, slot: Int, logFile: LogFile?, logger: Logger) {
        self.configuration = configuration
        self.slot = slot
        self.logFile = logFile
        self.logger = logger
    }

    /// Runs the worker on the descriptors that it inherited, until its supervisor ends it.
    ///
    /// Must be called in the process's first thread, before any other exists.
    package func run() -> ExitStatus {
        // The executable is /proc/self/exe, and without this `ps` and `ss` would call the process "exe".
        _ = clinux_set_thread_name("postern")
        DescriptorLimit.raise()
        // First of all, as long as no other descriptor can have got the numbers of those that may be missing.
        let scoreboard = WorkerScoreboard(slot: slot, logger: logger)
        let hasAdminListener = ListeningDescriptor(InheritedDescriptor.adminListener) != nil
        let signals: Int32
        do {
            signals = try WorkerSignals.take()
        } catch {
            logger.critical("signals cannot be taken", error: error)
            return .software
        }
        let (loop, runsTasks) = EventLoop.make()
        logger.debug("event loop made", metadata: ["runs_tasks": "\(runsTasks)"])
        do {
            return try Blocking.run {
                TaskTimer.use { try await loop.sleep(for: $0) }
                LogOutput.gather()
                defer { LogOutput.flush() }
                return try await serve(on: loop, signals, scoreboard, hasAdminListener: hasAdminListener)
            }
        } catch {
            logger.critical("worker cannot run", error: error)
            return Self.status(of: error)
        }
    }

    private func serve(
        on loop: any NIOCore.EventLoop,
        _ signals: Int32,
        _ scoreboard: WorkerScoreboard?,
        hasAdminListener: Bool
    ) async throws -> ExitStatus {
        let lifecycle = Lifecycle()
        let composition = try Composition(
            configuration,
            isDraining: { lifecycle.isDraining || scoreboard?.memory.isStopping == true },
            scoreboard: scoreboard,
            observer: (scoreboard?.metrics).map(RequestMetrics.init),
            logger: logger
        )
        let metrics = (scoreboard?.metrics).map { WorkerMetrics($0, signingKeys: composition.signingKeys) }
        let heartbeats = (scoreboard?.slot).map { Heartbeats($0, on: loop) { metrics?.refresh() } }
        let http = HTTPService(
            responder: composition.responder,
            maximumConnections: maximumConnections(),
            handlerLimit: configuration.server.requestTimeout,
            metrics: (scoreboard?.metrics).map(ConnectionMetrics.init),
            loop: loop,
            logger: logger
        )
        let admin = hasAdminListener ? scoreboard.map { AdminService($0.memory, loop: loop, logger: logger) } : nil
        let link = SupervisorLink(signals: signals, logger: logger)
        try link.start(
            onDrain: { lifecycle.end(within: $0, status: .done) },
            onReopenLogs: reopenLogs,
            onOrphaned: {
                // The next supervisor needs the addresses, whatever the requests in progress still take.
                http.releaseAddress()
                admin?.releaseAddress()
                lifecycle.end(within: SupervisorLink.orphanDeadline, status: .orphaned)
            }
        )
        try composition.database.start(
            observer: (scoreboard?.metrics).map(DatabaseMetrics.init),
            loop: { loop.execute($0) }
        )
        try composition.revocationDatabase.start()
        try composition.replica?.pool.start()
        let isDegraded = try await !prepare(composition)
        metrics?.refresh()

        let background = BackgroundWork(composition: composition, metrics: metrics, logger: logger).start { error in
            logger.critical("worker cannot run", error: error)
            lifecycle.end(within: .seconds(1), status: Self.status(of: error))
        }
        link.send(.ready(isDegraded: isDegraded))
        try http.start { error in
            logger.critical("listener lost", error: error)
            lifecycle.end(within: .seconds(1), status: .software)
        }
        try admin?.start()
        scoreboard?.ready()

        let ending = await lifecycle.ending()
        scoreboard?.draining()
        await http.drain(deadline: ending.deadline)
        await admin?.stop()
        heartbeats?.stop()
        background.cancel()
        await composition.usage.flush()
        metrics?.refresh()
        link.send(.drained)
        await composition.replica?.pool.shutdown()
        await composition.revocationDatabase.shutdown()
        await composition.database.shutdown()
        logger.info("worker drained")
        return ending.status
    }

    /// Checks the schema and loads keys and revocations; false when the database cannot be reached yet.
    private func prepare(_ composition: Composition) async throws -> Bool {
        guard await composition.database.waitUntilConnected(timeout: Self.databasePatience) else {
            logger.warning("database not reached; serving without it")
            return false
        }
        do {
            try await composition.schema.run()
            try await composition.signingKeys.load()
            guard await composition.revocationDatabase.waitUntilConnected(timeout: Self.databasePatience) else {
                logger.warning("no connection for revocations; tokens are not accepted yet")
                return false
            }
            try await composition.revocations.load()
            return true
        } catch let error where Self.isOutage(error) {
            // Lost again, or a standby without keys: background work goes on trying. To end would help nobody.
            logger.warning("database of no use yet; serving without it", error: error)
            return false
        }
    }

    private static func isOutage(_ error: any Error) -> Bool {
        (error as? DomainError)?.code == .unavailable || (error as? DatabaseError)?.isUnavailable == true
    }

    @Sendable private func reopenLogs() {
        do {
            try logFile?.reopen()
        } catch {
            logger.error("log file cannot be reopened", error: error)
        }
    }

    private func maximumConnections() -> Int {
        let wanted = configuration.server.maximumConnections
        let pools = configuration.database.replicaURL == nil ? 1 : 2
        let possible = DescriptorLimit.connections(besides: pools * configuration.database.poolSize + 1)
        if possible < wanted {
            logger.warning(
                "fewer connections than POSTERN_MAX_CONNECTIONS: the limit of open files is too low",
                metadata: ["wanted": "\(wanted)", "possible": "\(possible)"]
            )
        }
        return min(wanted, possible)
    }

    private static func status(of error: any Error) -> ExitStatus {
        switch error {
        case is OutdatedSchemaError, is WrongSecretError, is ConfigurationError: .badConfiguration
        default: .software
        }
    }
}
