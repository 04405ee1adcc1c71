// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// Users, for administrators.
struct UserEndpoints {
    private static let collection = "/api/v1/users"
    private static let path = "\(collection)/{id}"

    private let users: UserService

    init(_ users: UserService) {
        self.users = users
    }

    var endpoints: [Endpoint] {
        [list, create, show, change, delete]
    }

    private var list: Endpoint {
        Endpoint(
            .get,
            Self.collection,
            "Users, newest first, or by the words that a search finds.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.usersRead]),
            takes: .query(UserListQuery.self),
            gives: .ok(Page<UserResponse>.self)
        ) { [users] _, _, query throws(DomainError) in
            Page(
                try await users.list(query.filter, after: query.place, limit: query.limit),
                place: { Cursor(after: $0.place.id, term: $0.place.term) },
                show: UserResponse.init
            )
        }
    }

    private var create: Endpoint {
        Endpoint(
            .post,
            Self.collection,
            "Creates a user.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.usersWrite]),
            takes: .body(UserCreateRequest.self),
            gives: .created(UserProfileResponse.self, in: Self.collection),
            errors: [.conflict, .grantExceedsOwn]
        ) { [users] _, principal, input throws(DomainError) in
            let new = NewUser(
                email: input.email,
                isEmailVerified: input.isEmailVerified,
                displayName: input.displayName,
                isActive: input.isActive,
                roles: input.roles.map { Set($0.map(\.text)) }
            )
            return UserProfileResponse(try await users.create(new, by: .principal(principal)))
        }
    }

    private var show: Endpoint {
        Endpoint(
            .get,
            Self.path,
            "One user, with roles and permissions.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.usersRead]),
            takes: .nothing,
            gives: .resource(UserProfileResponse.self),
            errors: [.notFound]
        ) { [users] call, _, _ throws(DomainError) in
            UserProfileResponse(try await users.find(call.id("id")))
        }
    }

    private var change: Endpoint {
        Endpoint(
            .patch,
            Self.path,
            "Changes a user who may do no more than oneself.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.usersWrite]),
            takes: .body(UserChangeRequest.self),
            gives: .resource(UserProfileResponse.self),
            errors: [.notFound, .conflict, .lastAdmin],
            takesIfMatch: true
        ) { [users] call, principal, input throws(DomainError) in
            let changes = UserChanges(
                email: input.email,
                isEmailVerified: input.isEmailVerified,
                displayName: input.displayName,
                isActive: input.isActive
            )
            return UserProfileResponse(
                try await users.change(
                    call.id("id"),
                    changes,
                    by: .principal(principal),
                    if: try call.precondition(on: UserProfileResponse.init)
                )
            )
        }
    }

    private var delete: Endpoint {
        Endpoint(
            .delete,
            Self.path,
            "Removes a user who may do no more than oneself, with all keys and sessions.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.usersDelete]),
            takes: .nothing,
            gives: .noContent,
            errors: [.notFound, .lastAdmin],
            takesIfMatch: true
        ) { [users] call, principal, _ throws(DomainError) in
            try await users.delete(
                call.id("id"),
                by: .principal(principal),
                if: try call.precondition(on: UserProfileResponse.init)
            )
        }
    }
}
