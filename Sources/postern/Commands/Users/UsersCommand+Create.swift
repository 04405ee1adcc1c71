// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Schemas
import Services
import Worker

extension UsersCommand {
    /// `postern users create`.
    struct Create: InstallationCommand {
        static let configuration = CommandConfiguration(abstract: "Create a user.")

        @Option(help: "The e-mail address; nobody else may have it.", transform: EmailAddress.argument)
        var email: EmailAddress

        @Option(help: "The name that people see.", transform: UserCreateRequest.argument("display_name"))
        var name: String?

        @Option(
            help: "A role that the user gets, several by repeating this. (default: user)",
            transform: RoleReference.argument
        )
        var role: [RoleReference] = []

        @Flag(help: "The user may not sign in yet.")
        var inactive = false

        @Flag(help: "You vouch that the address is the user's.")
        var verified = false

        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let new = NewUser(
                email: email,
                isEmailVerified: verified,
                displayName: name,
                isActive: !inactive,
                roles: role.isEmpty ? nil : try await installation.roles.names(of: role)
            )
            let user = try await installation.users.create(new, by: .shell)
            try output.show(user, UsersCommand.columns, as: UserProfileResponse(user))
        }
    }
}
