// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Worker

/// A command that works on the installation's data, through the same services as the API.
protocol InstallationCommand: ParsableCommand, Sendable {
    /// Does it, and writes what there is to show.
    func run(on installation: Composition) async throws
}

extension InstallationCommand {
    func run() throws {
        try Installation.ofProcess().open { try await run(on: $0) }
    }
}
