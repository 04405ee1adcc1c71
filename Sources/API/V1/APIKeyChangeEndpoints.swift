// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// What happens to API keys that there are.
struct APIKeyChangeEndpoints {
    private let apiKeys: APIKeyService

    init(_ apiKeys: APIKeyService) {
        self.apiKeys = apiKeys
    }

    var endpoints: [Endpoint] {
        [change, revoke, rotate]
    }

    private var change: Endpoint {
        Endpoint(
            .patch,
            APIKeyEndpoints.path,
            "Changes name, grants or expiry of an API key.",
            requires: APIKeyEndpoints.rule,
            takes: .body(APIKeyChangeRequest.self),
            gives: .resource(APIKeyResponse.self),
            errors: [.notFound, .forbidden, .grantExceedsOwn],
            takesIfMatch: true
        ) { [apiKeys] call, principal, input throws(DomainError) in
            let changes = APIKeyChanges(
                name: input.name,
                roles: input.roles,
                permissions: input.permissions,
                expiresAt: input.expiresAt
            )
            return APIKeyResponse(
                try await apiKeys.change(
                    call.id("id"),
                    changes,
                    by: .principal(principal),
                    if: try call.precondition(on: APIKeyResponse.init)
                )
            )
        }
    }

    private var revoke: Endpoint {
        Endpoint(
            .delete,
            APIKeyEndpoints.path,
            "Ends an API key for ever.",
            requires: APIKeyEndpoints.rule,
            takes: .nothing,
            gives: .noContent,
            errors: [.notFound, .forbidden, .grantExceedsOwn],
            takesIfMatch: true
        ) { [apiKeys] call, principal, _ throws(DomainError) in
            try await apiKeys.revoke(
                call.id("id"),
                by: .principal(principal),
                if: try call.precondition(on: APIKeyResponse.init)
            )
        }
    }

    private var rotate: Endpoint {
        Endpoint(
            .post,
            "\(APIKeyEndpoints.path)/rotate",
            "Makes a key that takes another's place, and ends the other at once or after an overlap.",
            requires: APIKeyEndpoints.rule,
            takes: .optionalBody(APIKeyRotateRequest.self),
            gives: .created(APIKeyCreatedResponse.self, in: APIKeyEndpoints.collection),
            errors: [.notFound, .conflict, .forbidden, .grantExceedsOwn],
            takesIfMatch: true
        ) { [apiKeys] call, principal, input throws(DomainError) in
            let created = try await apiKeys.rotate(
                call.id("id"),
                overlap: input.overlap,
                expiresAt: input.expiresAt,
                by: .principal(principal),
                if: try call.precondition(on: APIKeyResponse.init)
            )
            return APIKeyCreatedResponse(created.key, secret: created.secret)
        }
    }
}
