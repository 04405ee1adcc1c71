// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Database
import Logging
import Migrations
import NIOCore
import Services

/// The life of a worker process: connect, load the keys, say that it is ready, serve, drain, exit.
package struct WorkerProgram: Sendable {
    /// How long a starting worker waits for the database before it serves without it: it then answers what needs no
    /// database, and the rest with 503, until the database is there.
    private static let databasePatience = Duration.seconds(3)

    private let configuration: Configuration
    private let logger: Logger

    package init(configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Runs the worker on the descriptors that it inherited, until its supervisor ends it.
    ///
    /// Must be called in the process's first thread, before any other exists.
    package func run() -> ExitStatus {
        // The executable is /proc/self/exe, and without this `ps` and `ss` would call the process "exe".
        _ = clinux_set_thread_name("postern")
        DescriptorLimit.raise()
        let signals: Int32
        do {
            signals = try WorkerSignals.take()
        } catch {
            logger.critical("signals cannot be taken", error: error)
            return .software
        }
        let loop = EventLoop.make()
        logger.debug("event loop made", metadata: ["runs_tasks": "\(loop.runsTasks)"])
        do {
            return try Blocking.run { try await serve(on: loop.group, signals: signals) }
        } catch {
            logger.critical("worker cannot run", error: error)
            return Self.status(of: error)
        }
    }

    private func serve(on group: any EventLoopGroup, signals: Int32) async throws -> ExitStatus {
        let lifecycle = Lifecycle()
        let composition = try Composition(configuration, isDraining: { lifecycle.isDraining }, logger: logger)
        let link = SupervisorLink(signals: signals, logger: logger)
        try link.start(
            onDrain: { lifecycle.end(within: $0, status: .done) },
            onOrphaned: { lifecycle.end(within: SupervisorLink.orphanDeadline, status: .orphaned) }
        )
        try composition.database.start()
        let isDegraded = try await !prepare(composition)

        let background = BackgroundWork(composition: composition, logger: logger).start()
        let http = HTTPService(
            responder: composition.responder,
            maximumConnections: maximumConnections(),
            handlerLimit: configuration.server.requestTimeout,
            loop: group.next(),
            logger: logger
        )
        link.send(.ready(isDegraded: isDegraded))
        try http.start { error in
            logger.critical("listener lost", error: error)
            lifecycle.end(within: .seconds(1), status: .software)
        }

        let ending = await lifecycle.ending()
        await http.drain(deadline: ending.deadline)
        background.cancel()
        await composition.usage.flush()
        link.send(.drained)
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
        if case .outdated(let found) = try await SchemaVersion.check(composition.database) {
            throw OutdatedSchemaError(found: found)
        }
        try await composition.signingKeys.load()
        try await composition.revocations.load()
        return true
    }

    private static func status(of error: any Error) -> ExitStatus {
        switch error {
        case is OutdatedSchemaError, is WrongSecretError, is ConfigurationError: .badConfiguration
        default: .software
        }
    }
    private func maximumConnections() -> Int {
        let wanted = configuration.server.maximumConnections
        let possible = DescriptorLimit.connections(besides: configuration.database.poolSize)
        if possible < wanted {
            logger.warning(
                "fewer connections than POSTERN_MAX_CONNECTIONS: the limit of open files is too low",
                metadata: ["wanted": "\(wanted)", "possible": "\(possible)"]
            )
        }
        return min(wanted, possible)
    }

}
