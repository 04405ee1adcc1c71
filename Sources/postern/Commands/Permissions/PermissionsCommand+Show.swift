// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Schemas
import Services
import Worker

extension PermissionsCommand {
    /// `postern permissions show`.
    struct Show: InstallationCommand {
        static let configuration = CommandConfiguration(abstract: "Show a permission.")

        @Argument(help: "The permission: resource:action or id.", transform: PermissionReference.argument)
        var permission: PermissionReference

        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let permission = try await installation.permissions.find(permission)
            try output.show(permission, PermissionsCommand.columns, as: PermissionResponse(permission))
        }
    }
}
