// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Services
import Worker

extension PermissionsCommand {
    /// `postern permissions delete`.
    struct Delete: InstallationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a permission that no role and no API key gives."
        )

        @Argument(help: "The permission: resource:action or id.", transform: PermissionReference.argument)
        var permission: PermissionReference

        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let permission = try await installation.permissions.find(permission)
            try confirmation.confirm("Delete the permission \(permission.name)?")
            try await installation.permissions.delete(permission.id, by: .shell)
            output.done("deleted the permission \(permission.name)")
        }
    }
}
