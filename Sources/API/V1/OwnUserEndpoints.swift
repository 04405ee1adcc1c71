// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// Oneself.
struct OwnUserEndpoints {
    private static let path = "/api/v1/users/me"

    private let users: UserService

    init(_ users: UserService) {
        self.users = users
    }

    var endpoints: [Endpoint] {
        [show, change]
    }

    private var show: Endpoint {
        Endpoint(
            .get,
            Self.path,
            "Oneself, with roles and permissions; an API key sees its own.",
            requires: AccessRule(.either),
            takes: .nothing,
            gives: .resource(UserProfileResponse.self)
        ) { [users] _, principal, _ throws(DomainError) in
            UserProfileResponse(try await users.profile(of: principal))
        }
    }

    private var change: Endpoint {
        Endpoint(
            .patch,
            Self.path,
            "Changes one's own name.",
            requires: AccessRule(.either),
            takes: .body(OwnUserChangeRequest.self),
            gives: .resource(UserProfileResponse.self),
            takesIfMatch: true
        ) { [users] call, principal, input throws(DomainError) in
            UserProfileResponse(
                try await users.changeOwn(
                    principal,
                    displayName: input.displayName,
                    if: try call.precondition(on: UserProfileResponse.init)
                )
            )
        }
    }
}
