// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Supervisor

/// `postern self-check`: what a running supervisor asks an installed program before it lets it take its place.
struct SelfCheckCommand: ParsableCommand {
    static let name = "self-check"

    static let configuration = CommandConfiguration(commandName: name, shouldDisplay: false)

    func run() throws {
        _ = try ServeCommand.readSettings()
        try Terminal.data(SelfCheckReport.ofThisRelease.json)
    }
}
