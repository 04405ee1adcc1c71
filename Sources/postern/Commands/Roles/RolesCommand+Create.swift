// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Schemas
import Services
import Worker

extension RolesCommand {
    /// `postern roles create`.
    struct Create: InstallationCommand {
        static let configuration = CommandConfiguration(abstract: "Create a role.")

        @Argument(help: "What tokens and rules call the role.", transform: RoleName.argument)
        var name: RoleName

        @Option(help: "What the role is for.", transform: RoleCreateRequest.argument("description"))
        var description = ""

        @Option(
            help: "A permission that the role gives, several by repeating this.",
            transform: PermissionReference.argument
        )
        var permission: [PermissionReference] = []

        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let role = try await installation.roles.create(
                named: name,
                description: description,
                permissions: try await installation.permissions.names(of: permission),
                by: .shell
            )
            try output.show(role, RolesCommand.columns, as: RoleResponse(role))
        }
    }
}
