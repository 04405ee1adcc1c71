// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Schemas
import Services

/// Staying signed in.
struct RefreshEndpoint {
    private let sessions: SessionService

    init(_ sessions: SessionService) {
        self.sessions = sessions
    }

    var endpoint: Endpoint {
        Endpoint(
            .post,
            "/api/v1/auth/refresh",
            "Swaps a refresh token for the next token pair.",
            takes: .body(RefreshRequest.self),
            gives: .tokens(for: .refreshToken),
            errors: [.unauthenticated, .unavailable]
        ) { [sessions] call, input throws(DomainError) in
            TokenPairResponse(
                try await sessions.refresh(
                    input.refreshToken.exposed,
                    userAgent: call.header(.userAgent),
                    address: call.clientAddress
                )
            )
        }.limited(by: .failures)
    }
}
