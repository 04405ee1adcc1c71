// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Schemas
import Services
import Worker

extension UsersCommand {
    /// `postern users change`.
    struct Change: InstallationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a user; what is not named stays as it is.",
            discussion: "A new e-mail address is not verified, unless --verified says so."
        )

        @Argument(help: "The user: id or e-mail address.", transform: UserReference.argument)
        var user: UserReference

        @Option(help: "The new e-mail address.", transform: EmailAddress.argument)
        var email: EmailAddress?

        @Option(help: "The new name.", transform: UserChangeRequest.argument("display_name"))
        var name: String?

        @Flag(help: "Take the name away.")
        var noName = false

        @Flag(help: "Whether the user may sign in and use API keys.")
        var activity: Activity?

        @Flag(help: "Whether you vouch that the address is the user's.")
        var verification: Verification?

        @OptionGroup var output: OutputOptions

        private var changes: UserChanges {
            UserChanges(
                email: .init(email),
                isEmailVerified: .init(verification.map { $0 == .verified }),
                displayName: noName ? .set(nil) : name.map { .set($0) } ?? .keep,
                isActive: .init(activity.map { $0 == .active })
            )
        }

        func validate() throws {
            guard name == nil || !noName else { throw ValidationError("--name and --no-name exclude each other.") }
            guard changes != UserChanges() else { throw ValidationError("There is nothing to change.") }
        }

        func run(on installation: Composition) async throws {
            let id = try await installation.users.find(user).user.id
            let user = try await installation.users.change(id, changes, by: .shell)
            try output.show(user, UsersCommand.columns, as: UserProfileResponse(user))
        }
    }
}
