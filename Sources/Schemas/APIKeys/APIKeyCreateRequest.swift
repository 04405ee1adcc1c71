// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What a caller says of a new API key.
package struct APIKeyCreateRequest: RequestSchema {
    package let name: String
    /// Nil for the caller.
    package let owner: Identifier<User>?
    package let grants: Grants
    package let expiresAt: Timestamp?

    private static let name = Field("name", .text(1...100, example: "Nightly backup"), "What the key is for.")
    private static let owner = Field(
        "owner_id",
        .omittable(.id(of: User.self)),
        "The user on whose behalf the key acts: without it oneself; somebody else takes the permission"
            + " api_keys:manage.",
        default: nil
    )
    private static let roles = Field(
        "roles",
        .list(of: .roleName(), limit: 100),
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

    package static let fields: [any FieldDescription] = [name, owner, roles, permissions, expiresAt]

    package init(_ values: FieldValues) throws(DomainError) {
        self.name = try values.get(Self.name)
        self.owner = try values.get(Self.owner)
        self.grants = Grants(
            roles: Set(try values.get(Self.roles).map(\.text)),
            permissions: Set(try values.get(Self.permissions).map(\.description))
        )
        self.expiresAt = try values.get(Self.expiresAt)
    }
}
