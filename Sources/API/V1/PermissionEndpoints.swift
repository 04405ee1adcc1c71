// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Models
import Schemas
import Services

/// Permissions.
struct PermissionEndpoints {
    private static let collection = "/api/v1/permissions"
    private static let path = "\(collection)/{id}"

    private let permissions: PermissionService

    init(_ permissions: PermissionService) {
        self.permissions = permissions
    }

    var endpoints: [Endpoint] {
        [list, create, show, delete]
    }

    private var list: Endpoint {
        Endpoint(
            .get,
            Self.collection,
            "Permissions, newest first.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.permissionsRead]),
            takes: .query(PageQuery.self),
            gives: .ok(Page<PermissionResponse>.self)
        ) { [permissions] _, _, query throws(DomainError) in
            Page(
                try await permissions.list(after: query.cursor?.id(), limit: query.limit),
                place: { Cursor(after: $0.id) },
                show: PermissionResponse.init
            )
        }
    }

    private var create: Endpoint {
        Endpoint(
            .post,
            Self.collection,
            "Creates a permission, which administrators hold at once.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.permissionsWrite]),
            takes: .body(PermissionCreateRequest.self),
            gives: .created(PermissionResponse.self, in: Self.collection),
            errors: [.conflict]
        ) { [permissions] _, principal, input throws(DomainError) in
            PermissionResponse(
                try await permissions.create(input.name, description: input.description, by: .principal(principal))
            )
        }
    }

    private var show: Endpoint {
        Endpoint(
            .get,
            Self.path,
            "One permission.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.permissionsRead]),
            takes: .nothing,
            gives: .resource(PermissionResponse.self),
            errors: [.notFound]
        ) { [permissions] call, _, _ throws(DomainError) in
            PermissionResponse(try await permissions.find(call.id("id")))
        }
    }

    private var delete: Endpoint {
        Endpoint(
            .delete,
            Self.path,
            "Removes a permission that neither a role nor an API key gives.",
            requires: AccessRule(.either, permissions: [BuiltIn.Permission.permissionsWrite]),
            takes: .nothing,
            gives: .noContent,
            errors: [.notFound, .conflict],
            takesIfMatch: true
        ) { [permissions] call, principal, _ throws(DomainError) in
            try await permissions.delete(
                call.id("id"),
                by: .principal(principal),
                if: try call.precondition(on: PermissionResponse.init)
            )
        }
    }
}
