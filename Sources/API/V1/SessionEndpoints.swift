// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// One's own sessions.
struct SessionEndpoints {
    private static let collection = "/api/v1/auth/sessions"
    /// A key has no session; and one that leaks shall not sign its owner out.
    private static let rule = AccessRule(.accessToken)

    private let sessions: SessionAdministration

    init(_ sessions: SessionAdministration) {
        self.sessions = sessions
    }

    var endpoints: [Endpoint] {
        [logOut, list, end, endAll]
    }

    private var logOut: Endpoint {
        Endpoint(
            .post,
            "/api/v1/auth/logout",
            "Ends this session, with all its tokens.",
            requires: Self.rule,
            takes: .nothing,
            gives: .noContent
        ) { [sessions] _, principal, _ throws(DomainError) in
            try await sessions.logOut(principal)
        }
    }

    private var list: Endpoint {
        Endpoint(
            .get,
            Self.collection,
            "One's own sessions that are still good, newest first.",
            requires: Self.rule,
            takes: .query(PageQuery.self),
            gives: .ok(Page<SessionResponse>.self)
        ) { [sessions] _, principal, query throws(DomainError) in
            try await sessions.page(of: principal.userID, query, for: principal)
        }
    }

    private var end: Endpoint {
        Endpoint(
            .delete,
            "\(Self.collection)/{id}",
            "Ends a session of one's own.",
            requires: Self.rule,
            takes: .nothing,
            gives: .noContent
        ) { [sessions] call, principal, _ throws(DomainError) in
            try await sessions.endOwn(call.id("id"), principal)
        }
    }

    private var endAll: Endpoint {
        Endpoint(
            .delete,
            Self.collection,
            "Ends all sessions of one's own, this one, too.",
            requires: Self.rule,
            takes: .nothing,
            gives: .noContent
        ) { [sessions] _, principal, _ throws(DomainError) in
            try await sessions.endAllOwn(principal)
        }
    }
}

extension SessionAdministration {
    /// The page of the sessions of `user` that `principal` asks for.
    func page(
        of user: Identifier<User>,
        _ query: PageQuery,
        for principal: Principal
    ) async throws(DomainError) -> Page<SessionResponse> {
        let current: Identifier<Session>? =
            if case .accessToken(let session) = principal.credential { session } else { nil }
        return Page(
            try await list(of: user, after: query.cursor?.id(), limit: query.limit),
            place: { Cursor(after: $0.id) },
            show: { SessionResponse($0, current: current) }
        )
    }
}
