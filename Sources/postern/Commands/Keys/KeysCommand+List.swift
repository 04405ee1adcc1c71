// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Schemas
import Services
import Worker

extension KeysCommand {
    /// `postern keys list`.
    struct List: InstallationCommand {
        static let configuration = CommandConfiguration(abstract: "List API keys, newest first.")

        @Option(help: "Only keys of this user.", transform: UserReference.argument)
        var owner: UserReference?

        @OptionGroup var paging: PagingOptions
        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            var ownerID: Identifier<User>?
            if let owner { ownerID = try await installation.users.find(owner).user.id }
            let part = try await paging.part { key in
                Cursor(after: key.id.uuid)
            } _: { cursor, limit in
                try await installation.apiKeys.list(
                    owner: ownerID,
                    by: .shell,
                    after: cursor.map { Identifier($0.uuid) },
                    limit: limit
                )
            }
            try output.show(part, KeysCommand.listColumns, as: APIKeyResponse.init)
        }
    }
}
