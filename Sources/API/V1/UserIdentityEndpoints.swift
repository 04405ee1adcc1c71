// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// The identities of users, for administrators.
struct UserIdentityEndpoints {
    private static let collection = "/api/v1/users/{id}/identities"

    private let identities: IdentityAdministration

    init(_ identities: IdentityAdministration) {
        self.identities = identities
    }

    var endpoints: [Endpoint] {
        [list, unlink]
    }

    private var list: Endpoint {
        Endpoint(
            .get,
            Self.collection,
            "The identities with which a user signs in, newest first.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.usersRead]),
            takes: .query(PageQuery.self),
            gives: .ok(Page<IdentityResponse>.self)
        ) { [identities] call, _, query throws(DomainError) in
            try await identities.page(of: call.id("id"), query)
        }
    }

    private var unlink: Endpoint {
        Endpoint(
            .delete,
            "\(Self.collection)/{identity_id}",
            "Takes an identity from a user who may do no more than oneself, and ends the user's sessions.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.usersWrite]),
            takes: .nothing,
            gives: .noContent,
            errors: [.conflict]
        ) { [identities] call, principal, _ throws(DomainError) in
            try await identities.unlink(call.id("identity_id"), of: call.id("id"), by: .principal(principal))
        }
    }
}
