// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Glibc
import Logging
import Worker

/// `postern worker`: what the supervisor starts.
///
/// It needs the descriptors that only the supervisor gives. In an upgrade, the supervisor is of an earlier release than the
/// worker: an option that it may not know cannot be required here.
struct WorkerCommand: ParsableCommand {
    static let name = "worker"

    static let configuration = CommandConfiguration(commandName: name, shouldDisplay: false)

    @Option(help: "Which of the workers this is.")
    var slot: Int

    @Option(help: "How many reloads and upgrades came before it.")
    var generation = 1

    func run() throws {
        let settings = try Settings.ofProcess()
        let configuration = try Configuration(settings, cores: 1)
        let logging = try LoggingConfiguration(settings, isTerminal: Terminal.isInteractive)
        let logFile = try logging.openFile()
        var logger = logging.makeLogger(label: "worker", to: logFile)
        logger[metadataKey: "slot"] = "\(slot)"
        logger[metadataKey: "generation"] = "\(generation)"
        logger[metadataKey: "pid"] = "\(getpid())"
        let worker = WorkerProgram(configuration: configuration, slot: slot, logFile: logFile, logger: logger)
        throw ExitCode(worker.run().rawValue)
    }
}
