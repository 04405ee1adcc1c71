// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Schemas
import Services
import Worker

extension KeysCommand {
    /// `postern keys show`.
    struct Show: InstallationCommand {
        static let configuration = CommandConfiguration(abstract: "Show an API key, never the secret.")

        @Argument(help: "The id of the key.", transform: Identifier<APIKey>.argument)
        var id: Identifier<APIKey>

        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let key = try await installation.apiKeys.find(id, by: .shell)
            try output.show(key, KeysCommand.columns, as: APIKeyResponse(key))
        }
    }
}
