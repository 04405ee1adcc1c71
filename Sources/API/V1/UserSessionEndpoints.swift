// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// The sessions of users, for administrators.
struct UserSessionEndpoints {
    private static let collection = "/api/v1/users/{id}/sessions"

    private let sessions: SessionAdministration

    init(_ sessions: SessionAdministration) {
        self.sessions = sessions
    }

    var endpoints: [Endpoint] {
        [list, end, endAll]
    }

    private var list: Endpoint {
        Endpoint(
            .get,
            Self.collection,
            "The sessions of a user that are still good, newest first.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.usersRead]),
            takes: .query(PageQuery.self),
            gives: .ok(Page<SessionResponse>.self)
        ) { [sessions] call, principal, query throws(DomainError) in
            try await sessions.page(of: call.id("id"), query, for: principal)
        }
    }

    private var end: Endpoint {
        Endpoint(
            .delete,
            "\(Self.collection)/{session_id}",
            "Ends a session of a user.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.usersWrite]),
            takes: .nothing,
            gives: .noContent
        ) { [sessions] call, principal, _ throws(DomainError) in
            try await sessions.end(call.id("session_id"), of: call.id("id"), by: .principal(principal))
        }
    }

    private var endAll: Endpoint {
        Endpoint(
            .delete,
            Self.collection,
            "Ends all sessions of a user.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.usersWrite]),
            takes: .nothing,
            gives: .noContent
        ) { [sessions] call, principal, _ throws(DomainError) in
            try await sessions.endAll(of: call.id("id"), by: .principal(principal))
        }
    }
}
