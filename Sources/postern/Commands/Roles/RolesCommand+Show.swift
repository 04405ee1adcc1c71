// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Schemas
import Services
import Worker

extension RolesCommand {
    /// `postern roles show`.
    struct Show: InstallationCommand {
        static let configuration = CommandConfiguration(abstract: "Show a role with its permissions.")

        @Argument(help: "The role: name or id.", transform: RoleReference.argument)
        var role: RoleReference

        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let role = try await installation.roles.find(role)
            try output.show(role, RolesCommand.columns, as: RoleResponse(role))
        }
    }
}
