// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// The roles of users.
struct UserRoleEndpoints {
    private static let collection = "/api/v1/users/{id}/roles"
    private static let path = "\(collection)/{role_id}"

    private let users: UserService

    init(_ users: UserService) {
        self.users = users
    }

    var endpoints: [Endpoint] {
        [list, assign, unassign]
    }

    private var list: Endpoint {
        Endpoint(
            .get,
            Self.collection,
            "The roles that a user holds, newest first.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.usersRead]),
            takes: .query(PageQuery.self),
            gives: .ok(Page<RoleResponse>.self),
            errors: [.notFound]
        ) { [users] call, _, query throws(DomainError) in
            Page(
                try await users.roles(of: call.id("id"), after: query.cursor?.id(), limit: query.limit),
                place: { Cursor(after: $0.id) },
                show: RoleResponse.init
            )
        }
    }

    private var assign: Endpoint {
        Endpoint(
            .put,
            Self.path,
            "Gives a role to a user; nothing happens when the user holds it.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.rolesAssign]),
            takes: .nothing,
            gives: .noContent,
            errors: [.notFound, .grantExceedsOwn],
            takesIfMatch: true
        ) { [users] call, principal, _ throws(DomainError) in
            try await users.assign(
                call.id("role_id"),
                to: call.id("id"),
                by: .principal(principal),
                if: try call.precondition(on: UserProfileResponse.init)
            )
        }
    }

    private var unassign: Endpoint {
        Endpoint(
            .delete,
            Self.path,
            "Takes a role from a user; nothing happens when the user does not hold it.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.rolesAssign]),
            takes: .nothing,
            gives: .noContent,
            errors: [.notFound, .grantExceedsOwn, .lastAdmin],
            takesIfMatch: true
        ) { [users] call, principal, _ throws(DomainError) in
            try await users.unassign(
                call.id("role_id"),
                from: call.id("id"),
                by: .principal(principal),
                if: try call.precondition(on: UserProfileResponse.init)
            )
        }
    }
}
