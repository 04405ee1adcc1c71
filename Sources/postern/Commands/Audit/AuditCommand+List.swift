// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core
import Models
import Schemas
import Services
import Worker

extension AuditCommand {
    /// `postern audit list`.
    struct List: InstallationCommand {
        static let configuration = CommandConfiguration(
            abstract: "List audit events, newest first.",
            discussion: "USER is an id or an e-mail address; of a user who is gone, the id."
        )

        @Option(
            help: ArgumentHelp("Only what this user did.", valueName: "user"),
            transform: UserReference.argument
        )
        var actor: UserReference?

        @Option(
            help: ArgumentHelp("Only what was done with this API key.", valueName: "id"),
            transform: Identifier<APIKey>.argument
        )
        var apiKey: Identifier<APIKey>?

        @Option(
            help: ArgumentHelp(
                "Only what was done to this user, role, permission, key, session or identity.",
                valueName: "id"
            ),
            transform: Identifier<AuditSubject>.argument
        )
        var subject: Identifier<AuditSubject>?

        @Option(help: "Only this, such as user.created.", transform: AuditListQuery.argument("action"))
        var action: String?

        @Option(
            help: ArgumentHelp("Only from this time on, such as 2030-01-31T09:00:00Z.", valueName: "time"),
            transform: Timestamp.argument
        )
        var since: Timestamp?

        @Option(
            help: ArgumentHelp("Only before this time.", valueName: "time"),
            transform: Timestamp.argument
        )
        var until: Timestamp?

        @OptionGroup var paging: PagingOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            let given = [actor != nil, apiKey != nil, subject != nil, action != nil].filter(\.self)
            guard given.count <= 1 else {
                throw ValidationError("Only one of --actor, --api-key, --subject and --action can be given.")
            }
        }

        func run(on installation: Composition) async throws {
            let filter = AuditFilter(try await key(on: installation), since: since, until: until)
            let part = try await paging.part { event in
                Cursor(after: event.id.uuid)
            } _: { cursor, limit in
                try await installation.audit.list(filter, after: cursor.map { Identifier($0.uuid) }, limit: limit)
            }
            try output.show(part, AuditCommand.columns, as: AuditEventResponse.init)
        }

        private func key(on installation: Composition) async throws -> AuditFilter.Key? {
            switch actor {
            // Not looked up: the user may be gone.
            case .id(let id)?: return .actor(id)
            case .email(let email)?: return .actor(try await installation.users.find(.email(email)).user.id)
            case nil: break
            }
            return apiKey.map { .apiKey($0) } ?? subject.map { .subject($0.uuid) } ?? action.map { .action($0) }
        }
    }
}
