// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// The permissions that roles give.
struct RolePermissionEndpoints {
    private static let collection = "/api/v1/roles/{id}/permissions"
    private static let path = "\(collection)/{permission_id}"

    private let roles: RoleService

    init(_ roles: RoleService) {
        self.roles = roles
    }

    var endpoints: [Endpoint] {
        [list, attach, detach]
    }

    private var list: Endpoint {
        Endpoint(
            .get,
            Self.collection,
            "The permissions that a role gives, newest first.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.rolesRead]),
            takes: .query(PageQuery.self),
            gives: .ok(Page<PermissionResponse>.self),
            errors: [.notFound]
        ) { [roles] call, _, query throws(DomainError) in
            Page(
                try await roles.permissions(of: call.id("id"), after: query.cursor?.id(), limit: query.limit),
                place: { Cursor(after: $0.id) },
                show: PermissionResponse.init
            )
        }
    }

    private var attach: Endpoint {
        Endpoint(
            .put,
            Self.path,
            "Adds a permission that one holds to a role; nothing happens when the role gives it.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.rolesWrite]),
            takes: .nothing,
            gives: .noContent,
            errors: [.notFound, .conflict, .grantExceedsOwn],
            takesIfMatch: true
        ) { [roles] call, principal, _ throws(DomainError) in
            try await roles.attach(
                call.id("permission_id"),
                to: call.id("id"),
                by: .principal(principal),
                if: try call.precondition(on: RoleResponse.init)
            )
        }
    }

    private var detach: Endpoint {
        Endpoint(
            .delete,
            Self.path,
            "Takes a permission from a role; nothing happens when the role does not give it.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.rolesWrite]),
            takes: .nothing,
            gives: .noContent,
            errors: [.notFound, .conflict, .grantExceedsOwn],
            takesIfMatch: true
        ) { [roles] call, principal, _ throws(DomainError) in
            try await roles.detach(
                call.id("permission_id"),
                from: call.id("id"),
                by: .principal(principal),
                if: try call.precondition(on: RoleResponse.init)
            )
        }
    }
}
