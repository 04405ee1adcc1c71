// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core

/// `postern healthcheck`: for containers that have no curl.
struct HealthcheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Exit 0 when the server at POSTERN_LISTEN is ready."
    )

    func run() throws {
        let address = try ServerConfiguration.listen(.ofProcess())
        let status = try LocalServer(address).status(of: "/readyz")
        guard status == 200 else {
            Terminal.message("postern: not ready: /readyz answers \(status)")
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }
}
