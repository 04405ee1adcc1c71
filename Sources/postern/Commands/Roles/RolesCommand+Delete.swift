// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Services
import Worker

extension RolesCommand {
    /// `postern roles delete`.
    struct Delete: InstallationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a role that no user and no API key holds."
        )

        @Argument(help: "The role: name or id.", transform: RoleReference.argument)
        var role: RoleReference

        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let role = try await installation.roles.find(role)
            let count = role.permissions.count
            try confirmation.confirm(
                "Delete the role \(role.name), which gives \(count) permission\(count == 1 ? "" : "s")?"
            )
            try await installation.roles.delete(role.id, by: .shell)
            output.done("deleted the role \(role.name)")
        }
    }
}
