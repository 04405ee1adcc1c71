// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `postern keys`: what programs call with.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Administer API keys.",
        discussion: "USER is an id or an e-mail address, ROLE a name or an id, PERMISSION is resource:action or an id.",
        subcommands: [
            List.self, Create.self, Show.self, Change.self, Rotate.self, Delete.self, RotateSigning.self,
        ]
    )
}
