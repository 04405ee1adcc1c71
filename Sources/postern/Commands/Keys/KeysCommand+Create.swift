// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Schemas
import Services
import Worker

extension KeysCommand {
    /// `postern keys create`.
    struct Create: InstallationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create an API key; the key itself is shown this once.",
            discussion: "It holds no role and no permission that its owner does not hold."
        )

        @Option(help: "The user on whose behalf the key acts.", transform: UserReference.argument)
        var owner: UserReference

        @Option(help: "What the key is for.", transform: APIKeyCreateRequest.argument("name"))
        var name: String

        @Option(help: "A role that the key gets, several by repeating this.", transform: RoleReference.argument)
        var role: [RoleReference] = []

        @Option(
            help: "A permission that the key gets directly, several by repeating this.",
            transform: PermissionReference.argument
        )
        var permission: [PermissionReference] = []

        @OptionGroup var expiry: ExpiryOptions
        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            // A key that was made under another POSTERN_SECRET would never work.
            try await installation.signingKeys.load()
            let new = NewAPIKey(
                owner: try await installation.users.find(owner).user.id,
                name: name,
                grants: Grants(
                    roles: try await installation.roles.names(of: role),
                    permissions: try await installation.permissions.names(of: permission)
                ),
                expiresAt: expiry.change(at: SystemClock().now()).applied(to: nil)
            )
            let created = try await installation.apiKeys.create(new, by: .shell)
            try output.show(
                created,
                KeysCommand.createdColumns,
                as: APIKeyCreatedResponse(created.key, secret: created.secret)
            )
        }
    }
}
