// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Schemas
import Services
import Worker

extension KeysCommand {
    /// `postern keys change`.
    struct Change: InstallationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change name, grants or expiry of an API key; what is not named stays as it is.",
            discussion: "--role and --permission name all that the key shall have afterwards."
        )

        @Argument(help: "The id of the key.", transform: Identifier<APIKey>.argument)
        var id: Identifier<APIKey>

        @Option(help: "The new name.", transform: APIKeyChangeRequest.argument("name"))
        var name: String?

        @Option(help: "A role of the key, several by repeating this.", transform: RoleReference.argument)
        var role: [RoleReference] = []

        @Flag(help: "Take all roles from the key.")
        var noRoles = false

        @Option(
            help: "A permission of the key, several by repeating this.",
            transform: PermissionReference.argument
        )
        var permission: [PermissionReference] = []

        @Flag(help: "Take all direct permissions from the key.")
        var noPermissions = false

        @OptionGroup var expiry: ExpiryOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard role.isEmpty || !noRoles, permission.isEmpty || !noPermissions else {
                throw ValidationError("--no-roles excludes --role, and --no-permissions excludes --permission.")
            }
            let changesGrants = noRoles || noPermissions || !role.isEmpty || !permission.isEmpty
            guard name != nil || changesGrants || expiry.isGiven else {
                throw ValidationError("There is nothing to change.")
            }
        }

        func run(on installation: Composition) async throws {
            var changes = APIKeyChanges(name: .init(name), expiresAt: expiry.change(at: SystemClock().now()))
            if noRoles || !role.isEmpty {
                changes.roles = .set(try await installation.roles.names(of: role))
            }
            if noPermissions || !permission.isEmpty {
                changes.permissions = .set(try await installation.permissions.names(of: permission))
            }
            let key = try await installation.apiKeys.change(id, changes, by: .shell)
            try output.show(key, KeysCommand.columns, as: APIKeyResponse(key))
        }
    }
}
