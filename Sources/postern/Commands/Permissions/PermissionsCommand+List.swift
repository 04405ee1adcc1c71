// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Schemas
import Services
import Worker

extension PermissionsCommand {
    /// `postern permissions list`.
    struct List: InstallationCommand {
        static let configuration = CommandConfiguration(abstract: "List permissions, newest first.")

        @OptionGroup var paging: PagingOptions
        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let part = try await paging.part { permission in
                Cursor(after: permission.id.uuid)
            } _: { cursor, limit in
                try await installation.permissions.list(after: cursor.map { Identifier($0.uuid) }, limit: limit)
            }
            try output.show(part, PermissionsCommand.listColumns, as: PermissionResponse.init)
        }
    }
}
