// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// Who changed what.
struct AuditEndpoints {
    private let audit: AuditService

    init(_ audit: AuditService) {
        self.audit = audit
    }

    var endpoints: [Endpoint] {
        [list]
    }

    private var list: Endpoint {
        Endpoint(
            .get,
            "/api/v1/audit-events",
            "Who changed what, newest first.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.auditRead]),
            takes: .query(AuditListQuery.self),
            gives: .ok(Page<AuditEventResponse>.self)
        ) { [audit] _, _, query throws(DomainError) in
            Page(
                try await audit.list(query.filter, after: query.cursor?.id(), limit: query.limit),
                place: { Cursor(after: $0.id) },
                show: AuditEventResponse.init
            )
        }
    }
}
