// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Schemas
import Services
import Worker

extension UsersCommand {
    /// `postern users list`.
    struct List: InstallationCommand {
        static let configuration = CommandConfiguration(
            abstract: "List users, newest first.",
            discussion: "With --q they are sorted by the words found."
        )

        @Option(
            help: "Only users with a word, in e-mail address or name, that begins with this.",
            transform: UserListQuery.argument("q")
        )
        var q: String?

        @Flag(help: "Only users who are active, or only those who are not.")
        var activity: Activity?

        @Option(help: "Only users who hold this role.", transform: RoleReference.argument)
        var role: RoleReference?

        @OptionGroup var paging: PagingOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard role == nil || (q == nil && activity == nil) else {
                throw ValidationError("--role stands beside neither --q nor --active and --inactive.")
            }
        }

        func run(on installation: Composition) async throws {
            var filter = UserFilter(text: q, isActive: activity.map { $0 == .active })
            if let role { filter.role = try await installation.roles.find(role).id }
            let part = try await paging.part { item in
                Cursor(after: item.place.id.uuid, term: item.place.term)
            } _: { cursor, limit in
                let place = cursor.map { UserListItem.Place(id: Identifier($0.uuid), term: $0.term) }
                return try await installation.users.list(filter, after: place, limit: limit)
            }
            try output.show(part, UsersCommand.listColumns, as: UserResponse.init)
        }
    }
}
