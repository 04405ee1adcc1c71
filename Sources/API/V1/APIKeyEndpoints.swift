// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// API keys: one's own, and with `api_keys:manage` everyone's.
struct APIKeyEndpoints {
    static let collection = "/api/v1/api-keys"
    static let path = "\(collection)/{id}"
    /// A key may not make another one, unless it was given that power.
    static let rule = AccessRule(.either, apiKeyPermissions: [BuiltIn.Permission.apiKeysManage])

    private let apiKeys: APIKeyService

    init(_ apiKeys: APIKeyService) {
        self.apiKeys = apiKeys
    }

    var endpoints: [Endpoint] {
        [list, create, show]
    }

    private var list: Endpoint {
        Endpoint(
            .get,
            Self.collection,
            "API keys, newest first: one's own, with api_keys:manage everyone's.",
            requires: Self.rule,
            takes: .query(APIKeyListQuery.self),
            gives: .ok(Page<APIKeyResponse>.self),
            errors: [.forbidden]
        ) { [apiKeys] _, principal, query throws(DomainError) in
            Page(
                try await apiKeys.list(
                    owner: query.owner,
                    by: .principal(principal),
                    after: query.cursor?.id(),
                    limit: query.limit
                ),
                place: { Cursor(after: $0.id) },
                show: APIKeyResponse.init
            )
        }
    }

    private var create: Endpoint {
        Endpoint(
            .post,
            Self.collection,
            "Creates an API key. The secret is in this answer and nowhere else.",
            requires: Self.rule,
            takes: .body(APIKeyCreateRequest.self),
            gives: .created(APIKeyCreatedResponse.self, in: Self.collection),
            errors: [.forbidden, .grantExceedsOwn]
        ) { [apiKeys] _, principal, input throws(DomainError) in
            let created = try await apiKeys.create(
                NewAPIKey(owner: input.owner, name: input.name, grants: input.grants, expiresAt: input.expiresAt),
                by: .principal(principal)
            )
            return APIKeyCreatedResponse(created.key, secret: created.secret)
        }
    }

    private var show: Endpoint {
        Endpoint(
            .get,
            Self.path,
            "One API key.",
            requires: Self.rule,
            takes: .nothing,
            gives: .resource(APIKeyResponse.self),
            errors: [.notFound]
        ) { [apiKeys] call, principal, _ throws(DomainError) in
            APIKeyResponse(try await apiKeys.find(call.id("id"), by: .principal(principal)))
        }
    }
}
