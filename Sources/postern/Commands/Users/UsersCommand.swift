// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `postern users`: the people who may sign in.
struct UsersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users",
        abstract: "Administer users.",
        discussion: "USER is an id or an e-mail address, ROLE a name or an id.",
        subcommands: [
            List.self, Create.self, Show.self, Change.self, Delete.self, Grant.self, Revoke.self,
        ]
    )
}
