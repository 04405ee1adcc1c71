// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Which audit events are wanted, and which page of them.
package struct AuditListQuery: RequestSchema {
    package let limit: Int
    package let cursor: Cursor?
    package let filter: AuditFilter

    private static let actor = Field(
        "actor_id",
        .omittable(.id(of: User.self)),
        "Only what this user did, with whatever credential.",
        default: nil
    )
    private static let apiKey = Field(
        "api_key_id",
        .omittable(.id(of: APIKey.self)),
        "Only what was done with this API key.",
        default: nil
    )
    private static let subject = Field(
        "subject_id",
        .omittable(.id(of: AuditSubject.self)),
        "Only what was done to the user, role, permission, API key, session or identity with this id.",
        default: nil
    )
    private static let action = Field(
        "action",
        .omittable(.text(1...64, example: "user.created")),
        "Only this; of actor_id, api_key_id, subject_id and action one may stand at a time.",
        default: nil
    )
    private static let since = Field(
        "since",
        .omittable(.timestamp),
        "Only from this time on, to the millisecond.",
        default: nil
    )
    private static let until = Field(
        "until",
        .omittable(.timestamp),
        "Only before this time, to the millisecond.",
        default: nil
    )

    package static let fields: [any FieldDescription] = [
        PageQuery.limit, PageQuery.cursor, actor, apiKey, subject, action, since, until,
    ]

    package init(_ values: FieldValues) throws(DomainError) {
        self.limit = Int(try values.get(PageQuery.limit))
        self.cursor = try values.get(PageQuery.cursor)
        let keys: [(name: String, key: AuditFilter.Key?)] = [
            (Self.actor.name, try values.get(Self.actor).map { .actor($0) }),
            (Self.apiKey.name, try values.get(Self.apiKey).map { .apiKey($0) }),
            (Self.subject.name, try values.get(Self.subject).map { .subject($0.uuid) }),
            (Self.action.name, try values.get(Self.action).map { .action($0) }),
        ]
        let given = keys.filter { $0.key != nil }
        guard given.count < 2 else {
            throw DomainError(
                .validationFailed,
                "The input is not valid.",
                fields: given.dropFirst().map {
                    .init($0.name, code: "exclusive", message: "must not stand beside \(given[0].name)")
                }
            )
        }
        self.filter = AuditFilter(
            given.first?.key,
            since: try values.get(Self.since),
            until: try values.get(Self.until)
        )
    }
}
