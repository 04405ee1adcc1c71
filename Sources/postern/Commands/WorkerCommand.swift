// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Glibc
import Logging
import Worker

/// `postern worker`: what the supervisor starts.
///
/// It needs the descriptors that only the supervisor gives.
struct WorkerCommand: ParsableCommand {
    static let name = "worker"

    static let configuration = CommandConfiguration(commandName: name, shouldDisplay: false)

    @Option(help: "Which of the workers this is.")
    var slot: Int

    func run() throws {
        let settings = try Settings.ofProcess()
        let configuration = try Configuration(settings, cores: 1)
        var logger = try LoggingConfiguration(settings, isTerminal: Terminal.isInteractive).makeLogger(label: "worker")
        logger[metadataKey: "slot"] = "\(slot)"
        logger[metadataKey: "pid"] = "\(getpid())"
        throw ExitCode(WorkerProgram(configuration: configuration, logger: logger).run().rawValue)
    }
}
