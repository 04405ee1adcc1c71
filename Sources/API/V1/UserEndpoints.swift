// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// Users.
struct UserEndpoints {
    private let users: UserService

    init(_ users: UserService) {
        self.users = users
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/api/v1/users/me",
                "Oneself, with roles and permissions.",
                requires: AccessRule(.either),
                takes: .nothing,
                gives: .ok(UserProfileResponse.self)
            ) { [users] _, principal, _ throws(DomainError) in
                UserProfileResponse(try await users.profile(of: principal))
            }
        ]
    }
}
