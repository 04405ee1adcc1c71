// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Models
import Schemas
import Services
import Worker

extension PermissionsCommand {
    /// `postern permissions create`.
    struct Create: InstallationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a permission.",
            discussion: "Administrators hold it at once, everybody else when a role gives it: postern roles attach."
        )

        @Argument(
            help: ArgumentHelp("What may be done, such as invoices:approve.", valueName: "resource:action"),
            transform: PermissionName.argument
        )
        var name: PermissionName

        @Option(help: "What the permission is for.", transform: PermissionCreateRequest.argument("description"))
        var description = ""

        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let permission = try await installation.permissions.create(name, description: description, by: .shell)
            try output.show(permission, PermissionsCommand.columns, as: PermissionResponse(permission))
        }
    }
}
