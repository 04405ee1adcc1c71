// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Schemas
import Services
import Worker

extension RolesCommand {
    /// `postern roles detach`.
    struct Detach: InstallationCommand {
        static let configuration = CommandConfiguration(abstract: "Take permissions from a role.")

        @Argument(help: "The role: name or id.", transform: RoleReference.argument)
        var role: RoleReference

        @Argument(help: "The permissions: resource:action or ids.", transform: PermissionReference.argument)
        var permission: [PermissionReference]

        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let id = try await installation.roles.find(role).id
            // All are looked up before the first one counts, so that a mistyped one changes nothing.
            for permission in try await installation.permissions.find(permission) {
                try await installation.roles.detach(permission.id, from: id, by: .shell)
            }
            let role = try await installation.roles.find(id)
            try output.show(role, RolesCommand.columns, as: RoleResponse(role))
        }
    }
}
