// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Services
import Worker

extension UsersCommand {
    /// `postern users delete`.
    struct Delete: InstallationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a user with all API keys and sessions.",
            discussion: "To keep somebody out for a while: postern users change USER --inactive"
        )

        @Argument(help: "The user: id or e-mail address.", transform: UserReference.argument)
        var user: UserReference

        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let user = try await installation.users.find(user).user
            let keys = try await installation.apiKeys.list(owner: user.id, by: .shell, after: nil, limit: 200)
            let count = keys.hasMore ? "more than 200" : "\(keys.items.count)"
            let name = user.displayName.map { " (\($0))" } ?? ""
            try confirmation.confirm(
                "Delete the user \(user.email)\(name), \(count) API key\(count == "1" ? "" : "s") and all sessions?"
            )
            try await installation.users.delete(user.id, by: .shell)
            output.done("deleted the user \(user.email)")
        }
    }
}
