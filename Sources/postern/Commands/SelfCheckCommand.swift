// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Supervisor

/// `postern self-check`: what a running supervisor asks an installed program before it lets it take its place, and its own
/// program before a reload.
struct SelfCheckCommand: ParsableCommand {
    static let name = "self-check"

    static let configuration = CommandConfiguration(commandName: name, shouldDisplay: false)

    func run() throws {
        let settings = try ServeCommand.readSettings()
        var report = SelfCheckReport.ofThisRelease
        report.room = try ServeCommand.checkConnections(settings)
        try Terminal.data(report.json)
    }
}
