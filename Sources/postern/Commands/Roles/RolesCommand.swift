// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `postern roles`: sets of permissions.
struct RolesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roles",
        abstract: "Administer roles.",
        discussion: "ROLE is a name or an id, PERMISSION is resource:action or an id.",
        subcommands: [
            List.self, Create.self, Show.self, Change.self, Delete.self, Attach.self, Detach.self,
        ]
    )
}
