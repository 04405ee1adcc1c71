// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `postern permissions`: what may be done.
struct PermissionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "permissions",
        abstract: "Administer permissions.",
        discussion: "PERMISSION is resource:action or an id.",
        subcommands: [List.self, Create.self, Show.self, Delete.self]
    )
}
