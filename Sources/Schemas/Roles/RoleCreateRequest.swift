// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What a caller says of a new role.
package struct RoleCreateRequest: RequestSchema {
    package let name: RoleName
    package let description: String
    package let permissions: [PermissionName]

    private static let name = Field(
        "name",
        .roleName(example: "editor"),
        "What tokens and rules call the role; no other role has it."
    )
    private static let description = Field("description", .text(0...500), "What the role is for.", default: "")
    private static let permissions = Field(
        "permissions",
        .list(of: .permissionName, limit: 1000),
        "Names of the permissions that the role gives; you must hold them.",
        default: []
    )

    package static let fields: [any FieldDescription] = [name, description, permissions]

    package init(_ values: FieldValues) throws(DomainError) {
        self.name = try values.get(Self.name)
        self.description = try values.get(Self.description)
        self.permissions = try values.get(Self.permissions)
    }
}
