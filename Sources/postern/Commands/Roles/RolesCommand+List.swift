// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Schemas
import Services
import Worker

extension RolesCommand {
    /// `postern roles list`.
    struct List: InstallationCommand {
        static let configuration = CommandConfiguration(abstract: "List roles, newest first.")

        @OptionGroup var paging: PagingOptions
        @OptionGroup var output: OutputOptions

        func run(on installation: Composition) async throws {
            let part = try await paging.part { role in
                Cursor(after: role.id.uuid)
            } _: { cursor, limit in
                try await installation.roles.list(after: cursor.map { Identifier($0.uuid) }, limit: limit)
            }
            try output.show(part, RolesCommand.listColumns, as: RoleResponse.init)
        }
    }
}
