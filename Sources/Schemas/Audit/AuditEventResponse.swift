// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// A change, as those who may read the audit trail see it.
package struct AuditEventResponse: ResponseSchema {
    private let event: AuditEvent

    package init(_ event: AuditEvent) {
        self.event = event
    }

    package static let properties: [Property<AuditEventResponse>] = [
        .id("id") { $0.event.id },
        .time("occurred_at") { $0.event.occurredAt },
        .text("action", "What was done, such as user.created.") { $0.event.action },
        .text("actor_kind", "user, api_key, command_line, or system for Postern itself.") { $0.event.actor.kind },
        .id(
            "actor_id",
            "The user, or whose API key it was; null for the other kinds.",
            orNull: { $0.event.actor.userID }
        ),
        .id("api_key_id", "The API key that was used; null for none.", orNull: { $0.event.actor.apiKeyID }),
        .text("subject_kind", "What was changed, such as user.") { $0.event.subject.kind },
        .id(
            "subject_id",
            "Its id; null for what has none.",
            orNull: { $0.event.subject.id.map(Identifier<AuditSubject>.init) }
        ),
        .object("details", "What of it was changed: more members may come.") { $0.event.details },
        .text("request_id", "That of the answer; null for what no request did.", orNull: { $0.event.requestID }),
        .text(
            "client_address",
            "Where the request came from; null when that is not known.",
            orNull: { $0.event.clientAddress }
        ),
    ]
}
