// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Schemas
import Services
import Worker

extension UsersCommand {
    /// `postern users grant`.
    struct Grant: InstallationCommand {
        static let configuration = CommandConfiguration(abstract: "Give a role to a user.")

        @Argument(help: "The user: id or e-mail address.", transform: UserReference.argument)
        var user: UserReference

        @Argument(help: "The role: name or id.", transform: RoleReference.argument)
        var role: RoleReference

        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let id = try await installation.users.find(user).user.id
            let role = try await installation.roles.find(role).id
            try await installation.users.assign(role, to: id, by: .shell)
            let user = try await installation.users.find(id)
            try output.show(user, UsersCommand.columns, as: UserProfileResponse(user))
        }
    }
}
