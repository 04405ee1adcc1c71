// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Schemas
import Services
import Worker

extension UsersCommand {
    /// `postern users show`.
    struct Show: InstallationCommand {
        static let configuration = CommandConfiguration(abstract: "Show a user with roles and permissions.")

        @Argument(help: "The user: id or e-mail address.", transform: UserReference.argument)
        var user: UserReference

        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let user = try await installation.users.find(user)
            try output.show(user, UsersCommand.columns, as: UserProfileResponse(user))
        }
    }
}
