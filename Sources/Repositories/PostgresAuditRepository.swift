// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// Audit events in PostgreSQL: `audit_events`, a partition for each month.
package struct PostgresAuditRepository: AuditRepository {
    let database: any StatementExecutor
    let reader: any StatementExecutor

    /// - Parameters:
    ///   - database: Where they are.
    ///   - reader: What answers when they are listed, when that may be another one; nil for `database`.
    package init(database: any StatementExecutor, reader: (any StatementExecutor)? = nil) {
        self.database = database
        self.reader = reader ?? database
    }

    private static let record = Statement.write(
        """
        insert into audit_events (
            id, occurred_at, action, actor_kind, actor_user_id, actor_api_key_id, subject_kind, subject_id, details,
            request_id, client_address
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """
    )

    package func record(_ event: AuditEvent) async throws(DomainError) {
        _ = try await database.run(Self.record, event.parameters)
    }
}

extension AuditEvent {
    /// The columns in their order, for a statement that stores the event.
    var parameters: [Parameter] {
        var json = JSONWriter()
        json.value(.object(details))
        return [
            .uuid(id.uuid), .timestamp(occurredAt), .text(action), .text(actor.kind), .uuid(actor.userID?.uuid),
            .uuid(actor.apiKeyID?.uuid), .text(subject.kind), .uuid(subject.id), .text(json.text), .text(requestID),
            .text(clientAddress),
        ]
    }
}
