// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas

/// The six ways to guard an endpoint, to copy from.
struct ExampleEndpoints {
    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/api/v1/examples/public",
                "Anyone may call this.",
                takes: .nothing,
                gives: .ok(ExampleResponse.self)
            ) { _, _ in
                ExampleResponse("Anyone may call this.")
            },
            guarded("jwt-only", "This takes an access token.", by: AccessRule(.accessToken)),
            guarded("api-key-only", "This takes an API key.", by: AccessRule(.apiKey)),
            guarded("either-auth", "This takes an access token or an API key.", by: AccessRule(.either)),
            guarded(
                "admin-only",
                "This takes the role admin.",
                by: AccessRule(.either, roles: [BuiltIn.Role.admin])
            ),
            guarded(
                "users-read",
                "This takes the permission users:read.",
                by: AccessRule(.either, permissions: [BuiltIn.Permission.usersRead])
            ),
        ]
    }

    private func guarded(_ name: String, _ summary: String, by rule: AccessRule) -> Endpoint {
        Endpoint(
            .get,
            "/api/v1/examples/\(name)",
            summary,
            requires: rule,
            takes: .nothing,
            gives: .ok(ExampleResponse.self)
        ) { _, principal, _ in
            ExampleResponse(summary, principal: principal)
        }
    }
}
