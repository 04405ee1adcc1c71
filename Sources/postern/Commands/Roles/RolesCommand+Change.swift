// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Schemas
import Services
import Worker

extension RolesCommand {
    /// `postern roles change`.
    struct Change: InstallationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Rename or describe a role; what is not named stays as it is.",
            discussion: "A built-in role keeps its name. Its permissions change by attach and detach."
        )

        @Argument(help: "The role: name or id.", transform: RoleReference.argument)
        var role: RoleReference

        @Option(help: "The new name.", transform: RoleName.argument)
        var name: RoleName?

        @Option(help: "What the role is for.", transform: RoleChangeRequest.argument("description"))
        var description: String?

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard name != nil || description != nil else { throw ValidationError("There is nothing to change.") }
        }

        func run(on installation: Composition) async throws {
            let role = try await installation.roles.change(
                try await installation.roles.find(role).id,
                name: .init(name),
                description: .init(description),
                by: .shell
            )
            try output.show(role, RolesCommand.columns, as: RoleResponse(role))
        }
    }
}
