// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// Asking about a token, and ending it.
struct IntrospectionEndpoints {
    private let sessions: SessionService

    init(_ sessions: SessionService) {
        self.sessions = sessions
    }

    var endpoints: [Endpoint] {
        [introspect, revoke]
    }

    private var introspect: Endpoint {
        Endpoint(
            .post,
            "/api/v1/auth/introspect",
            "Says whether an access token counts at this moment (RFC 7662).",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.tokensIntrospect]),
            takes: .form(TokenRequest.self),
            gives: .introspection
        ) { [sessions] _, _, input throws(DomainError) in
            IntrospectionResponse(try await sessions.introspect(input.token.exposed))
        }
    }

    private var revoke: Endpoint {
        Endpoint(
            .post,
            "/api/v1/auth/revoke",
            "Ends the session of an access token or a refresh token (RFC 7009); 200 for anything else, too.",
            takes: .form(TokenRequest.self),
            gives: .empty,
            errors: [.unavailable]
        ) { [sessions] _, input throws(DomainError) in
            try await sessions.revoke(input.token.exposed)
        }
    }
}

extension Answer<IntrospectionResponse> {
    /// 200 with what there is to say.
    static var introspection: Answer {
        Answer(
            description: SuccessDescription(
                status: .ok,
                contentType: .json,
                schema: IntrospectionResponse.schema
            )
        ) { Reply(status: .ok, contentType: .json, body: $0.json) }
    }
}

extension Answer<Void> {
    /// 200 without a body, where a standard wants no 204.
    fileprivate static var empty: Answer {
        Answer(description: SuccessDescription(status: .ok)) { Reply(status: .ok) }
    }
}
