// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

import struct FoundationEssentials.UUID

/// Lists of audit events, each from a statement of its own, as those of users are.
///
/// `first_uuid_at` makes conditions on the time ones on the id: they leave out the partitions of other months, and are
/// index conditions in the rest. `least` and `greatest` pass over null.
extension PostgresAuditRepository {
    /// A page of all events.
    package static let listAll = Statement.read(
        """
        select id, occurred_at, action, actor_kind, actor_user_id, actor_api_key_id, subject_kind, subject_id, details,
            request_id, host(client_address)
        from audit_events
        where id < least($1::uuid, first_uuid_at($4::timestamptz), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            and id >= greatest(first_uuid_at($3::timestamptz), '00000000-0000-0000-0000-000000000000')
        order by id desc
        limit $2
        """
    )

    /// A page of what one user did, with whatever credential.
    package static let listByActor = Statement.read(
        """
        select id, occurred_at, action, actor_kind, actor_user_id, actor_api_key_id, subject_kind, subject_id, details,
            request_id, host(client_address)
        from audit_events
        where id < least($1::uuid, first_uuid_at($4::timestamptz), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            and id >= greatest(first_uuid_at($3::timestamptz), '00000000-0000-0000-0000-000000000000')
            and (actor_user_id, id) < (
                $5, least($1::uuid, first_uuid_at($4::timestamptz), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            )
            and (actor_user_id, id) >= (
                $5, greatest(first_uuid_at($3::timestamptz), '00000000-0000-0000-0000-000000000000')
            )
        order by actor_user_id desc, id desc
        limit $2
        """
    )

    /// A page of what was done with one API key.
    ///
    /// Its index has no events without a key, and only the first condition on the key tells PostgreSQL that none is wanted.
    package static let listByAPIKey = Statement.read(
        """
        select id, occurred_at, action, actor_kind, actor_user_id, actor_api_key_id, subject_kind, subject_id, details,
            request_id, host(client_address)
        from audit_events
        where id < least($1::uuid, first_uuid_at($4::timestamptz), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            and id >= greatest(first_uuid_at($3::timestamptz), '00000000-0000-0000-0000-000000000000')
            and actor_api_key_id >= $5
            and (actor_api_key_id, id) < (
                $5, least($1::uuid, first_uuid_at($4::timestamptz), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            )
            and (actor_api_key_id, id) >= (
                $5, greatest(first_uuid_at($3::timestamptz), '00000000-0000-0000-0000-000000000000')
            )
        order by actor_api_key_id desc, id desc
        limit $2
        """
    )

    /// A page of what was done to one thing.
    package static let listBySubject = Statement.read(
        """
        select id, occurred_at, action, actor_kind, actor_user_id, actor_api_key_id, subject_kind, subject_id, details,
            request_id, host(client_address)
        from audit_events
        where id < least($1::uuid, first_uuid_at($4::timestamptz), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            and id >= greatest(first_uuid_at($3::timestamptz), '00000000-0000-0000-0000-000000000000')
            and (subject_id, id) < (
                $5, least($1::uuid, first_uuid_at($4::timestamptz), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            )
            and (subject_id, id) >= (
                $5, greatest(first_uuid_at($3::timestamptz), '00000000-0000-0000-0000-000000000000')
            )
        order by subject_id desc, id desc
        limit $2
        """
    )

    /// A page of what was done in one way.
    package static let listByAction = Statement.read(
        """
        select id, occurred_at, action, actor_kind, actor_user_id, actor_api_key_id, subject_kind, subject_id, details,
            request_id, host(client_address)
        from audit_events
        where id < least($1::uuid, first_uuid_at($4::timestamptz), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            and id >= greatest(first_uuid_at($3::timestamptz), '00000000-0000-0000-0000-000000000000')
            and (action, id) < (
                $5, least($1::uuid, first_uuid_at($4::timestamptz), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            )
            and (action, id) >= (
                $5, greatest(first_uuid_at($3::timestamptz), '00000000-0000-0000-0000-000000000000')
            )
        order by action desc, id desc
        limit $2
        """
    )

    package func list(
        _ filter: AuditFilter,
        after: Identifier<AuditEvent>?,
        limit: Int
    ) async throws(DomainError) -> [AuditEvent] {
        var parameters: [Parameter] = [
            .uuid(after?.uuid), .integer(Int64(limit)), .timestamp(filter.since), .timestamp(filter.until),
        ]
        let statement: Statement
        switch filter.key {
        case nil: statement = Self.listAll
        case .actor(let id)?:
            statement = Self.listByActor
            parameters.append(.uuid(id.uuid))
        case .apiKey(let id)?:
            statement = Self.listByAPIKey
            parameters.append(.uuid(id.uuid))
        case .subject(let id)?:
            statement = Self.listBySubject
            parameters.append(.uuid(id))
        case .action(let action)?:
            statement = Self.listByAction
            parameters.append(.text(action))
        }
        return try await reader.all(statement, parameters) { row throws(DatabaseError) in try row.auditEvent() }
    }
}

extension Row {
    /// The event in the first eleven columns: id, occurred_at, action, actor_kind, actor_user_id, actor_api_key_id,
    /// subject_kind, subject_id, details, request_id, client_address.
    fileprivate func auditEvent() throws(DatabaseError) -> AuditEvent {
        let details: JSONValue
        do {
            details = try JSONValue(parsing: Array(try decode(8, as: String.self).utf8))
        } catch {
            throw DatabaseError(.decoding, detail: "audit_events.details holds no JSON")
        }
        return AuditEvent(
            id: try identifier(0),
            occurredAt: try decode(1),
            action: try decode(2),
            actor: AuditActor(
                kind: try decode(3),
                userID: try decode(4, as: UUID?.self).map(Identifier.init),
                apiKeyID: try decode(5, as: UUID?.self).map(Identifier.init)
            ),
            subject: AuditSubject(kind: try decode(6), id: try decode(7)),
            details: details.object ?? [:],
            requestID: try decode(9),
            clientAddress: try decode(10)
        )
    }
}
