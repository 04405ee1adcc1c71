// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// Roles.
struct RoleEndpoints {
    private static let collection = "/api/v1/roles"
    private static let path = "\(collection)/{id}"

    private let roles: RoleService

    init(_ roles: RoleService) {
        self.roles = roles
    }

    var endpoints: [Endpoint] {
        [list, create, show, change, delete]
    }

    private var list: Endpoint {
        Endpoint(
            .get,
            Self.collection,
            "Roles, newest first.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.rolesRead]),
            takes: .query(PageQuery.self),
            gives: .ok(Page<RoleResponse>.self)
        ) { [roles] _, _, query throws(DomainError) in
            Page(
                try await roles.list(after: query.cursor?.id(), limit: query.limit),
                place: { Cursor(after: $0.id) },
                show: RoleResponse.init
            )
        }
    }

    private var create: Endpoint {
        Endpoint(
            .post,
            Self.collection,
            "Creates a role that gives permissions which one holds.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.rolesWrite]),
            takes: .body(RoleCreateRequest.self),
            gives: .created(RoleResponse.self, in: Self.collection),
            errors: [.conflict, .grantExceedsOwn]
        ) { [roles] _, principal, input throws(DomainError) in
            RoleResponse(
                try await roles.create(
                    named: input.name,
                    description: input.description,
                    permissions: Set(input.permissions.map(\.description)),
                    by: .principal(principal)
                )
            )
        }
    }

    private var show: Endpoint {
        Endpoint(
            .get,
            Self.path,
            "One role, with the permissions that it gives.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.rolesRead]),
            takes: .nothing,
            gives: .resource(RoleResponse.self),
            errors: [.notFound]
        ) { [roles] call, _, _ throws(DomainError) in
            RoleResponse(try await roles.find(call.id("id")))
        }
    }

    private var change: Endpoint {
        Endpoint(
            .patch,
            Self.path,
            "Renames or describes a role.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.rolesWrite]),
            takes: .body(RoleChangeRequest.self),
            gives: .resource(RoleResponse.self),
            errors: [.notFound, .conflict, .grantExceedsOwn],
            takesIfMatch: true
        ) { [roles] call, principal, input throws(DomainError) in
            RoleResponse(
                try await roles.change(
                    call.id("id"),
                    name: input.name,
                    description: input.description,
                    by: .principal(principal),
                    if: try call.precondition(on: RoleResponse.init)
                )
            )
        }
    }

    private var delete: Endpoint {
        Endpoint(
            .delete,
            Self.path,
            "Removes a role that nobody holds.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.rolesDelete]),
            takes: .nothing,
            gives: .noContent,
            errors: [.notFound, .conflict, .grantExceedsOwn],
            takesIfMatch: true
        ) { [roles] call, principal, _ throws(DomainError) in
            try await roles.delete(
                call.id("id"),
                by: .principal(principal),
                if: try call.precondition(on: RoleResponse.init)
            )
        }
    }
}
