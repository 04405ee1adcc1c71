// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Services
import Worker

extension KeysCommand {
    /// `postern keys delete`.
    struct Delete: InstallationCommand {
        static let configuration = CommandConfiguration(
            abstract: "End an API key for ever.",
            discussion: "Programs that use it are refused at once."
        )

        @Argument(help: "The id of the key.", transform: Identifier<APIKey>.argument)
        var id: Identifier<APIKey>

        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let key = try await installation.describe(id)
            try confirmation.confirm("End \(key) for ever?")
            try await installation.apiKeys.revoke(id, by: .shell)
            output.done("deleted \(key)")
        }
    }
}
