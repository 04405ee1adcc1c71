// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// One's own API keys.
struct APIKeyEndpoints {
    private let apiKeys: APIKeyService

    init(_ apiKeys: APIKeyService) {
        self.apiKeys = apiKeys
    }

    var endpoints: [Endpoint] {
        [create, list, show, revoke]
    }

    private var create: Endpoint {
        Endpoint(
            .post,
            "/api/v1/api-keys",
            "Creates an API key. The secret is in this answer and nowhere else.",
            requires: AccessRule(.accessToken),
            takes: .body(APIKeyCreateRequest.self),
            gives: .created(in: "/api/v1/api-keys"),
            errors: [.grantExceedsOwn]
        ) { [apiKeys] _, principal, input throws(DomainError) in
            let created = try await apiKeys.create(
                for: principal.userID,
                name: input.name,
                grants: Grants(roles: input.roles, permissions: input.permissions.map(\.description)),
                expiresAt: input.expiresAt
            )
            return APIKeyCreatedResponse(created.key, secret: created.secret)
        }
    }

    private var list: Endpoint {
        Endpoint(
            .get,
            "/api/v1/api-keys",
            "One's own API keys, newest first.",
            requires: AccessRule(.accessToken),
            takes: .query(PageQuery.self),
            gives: .ok(Page<APIKeyResponse>.self)
        ) { [apiKeys] _, principal, query throws(DomainError) in
            let listing = try await apiKeys.list(
                owner: principal.userID,
                after: query.cursor.map { Identifier($0.uuid) },
                limit: query.limit
            )
            return Page(
                items: listing.keys.map(APIKeyResponse.init),
                nextCursor: listing.hasMore ? listing.keys.last.map { Cursor(after: $0.id.uuid) } : nil
            )
        }
    }

    private var show: Endpoint {
        Endpoint(
            .get,
            "/api/v1/api-keys/{id}",
            "One of one's own API keys.",
            requires: AccessRule(.accessToken),
            takes: .nothing,
            gives: .resource(APIKeyResponse.self),
            errors: [.notFound]
        ) { [apiKeys] call, principal, _ throws(DomainError) in
            APIKeyResponse(try await apiKeys.find(call.id("id"), owner: principal.userID))
        }
    }

    private var revoke: Endpoint {
        Endpoint(
            .delete,
            "/api/v1/api-keys/{id}",
            "Ends an API key for ever.",
            requires: AccessRule(.accessToken),
            takes: .nothing,
            gives: .noContent,
            errors: [.notFound]
        ) { [apiKeys] call, principal, _ throws(DomainError) in
            try await apiKeys.revoke(call.id("id"), owner: principal.userID)
        }
    }
}
