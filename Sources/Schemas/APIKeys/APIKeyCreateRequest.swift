// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What a caller says of a new API key.
package struct APIKeyCreateRequest: RequestSchema {
    package let name: String
    package let roles: [String]
    package let permissions: [PermissionName]
    package let expiresAt: Timestamp?

    private static let name = Field("name", .text(1...100), "What the key is for.")
    private static let roles = Field(
        "roles",
        .list(of: .text(1...64), limit: 100),
        "Names of roles that the key gets; its owner must hold them.",
        default: []
    )
    private static let permissions = Field(
        "permissions",
        .list(of: .permissionName, limit: 1000),
        "Permissions that the key gets directly; its owner must hold them.",
        default: []
    )
    private static let expiresAt = Field(
        "expires_at",
        .optional(.timestamp),
        "When the key ends; null for never.",
        default: nil
    )

    package static let fields: [any FieldDescription] = [name, roles, permissions, expiresAt]

    package init(_ values: FieldValues) throws(DomainError) {
        self.name = try values.get(Self.name)
        self.roles = try values.get(Self.roles)
        self.permissions = try values.get(Self.permissions)
        self.expiresAt = try values.get(Self.expiresAt)
    }
}
