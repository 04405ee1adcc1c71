// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

import struct FoundationEssentials.UUID

extension Row {
    /// The id in `column`.
    func identifier<Entity>(_ column: Int) throws(DatabaseError) -> Identifier<Entity> {
        Identifier(try decode(column, as: UUID.self))
    }

    /// The names in two `text[]` columns.
    func grants(roles: Int, permissions: Int) throws(DatabaseError) -> Grants {
        Grants(roles: Set(try decode(roles)), permissions: Set(try decode(permissions)))
    }

    /// The user in the seven columns from `first` on: id, email, is_email_verified, display_name, is_active, created_at,
    /// updated_at.
    func user(from first: Int = 0) throws(DatabaseError) -> User {
        guard let email = EmailAddress(try decode(first + 1, as: String.self)) else {
            throw DatabaseError(.decoding, detail: "users.email holds no address")
        }
        return User(
            id: try identifier(first),
            email: email,
            isEmailVerified: try decode(first + 2),
            displayName: try decode(first + 3),
            isActive: try decode(first + 4),
            createdAt: try decode(first + 5),
            updatedAt: try decode(first + 6)
        )
    }

    /// The role in the first eight columns: id, name, description, is_built_in, grants_all_permissions, names of
    /// permissions, created_at, updated_at.
    func role() throws(DatabaseError) -> Role {
        Role(
            id: try identifier(0),
            name: try decode(1),
            description: try decode(2),
            isBuiltIn: try decode(3),
            grantsAllPermissions: try decode(4),
            permissions: Set(try decode(5)),
            createdAt: try decode(6),
            updatedAt: try decode(7)
        )
    }

    /// The permission in the first five columns: id, name, description, is_built_in, created_at.
    func permission() throws(DatabaseError) -> Permission {
        guard let name = PermissionName(try decode(1, as: String.self)) else {
            throw DatabaseError(.decoding, detail: "permissions.name holds no name")
        }
        return Permission(
            id: try identifier(0),
            name: name,
            description: try decode(2),
            isBuiltIn: try decode(3),
            createdAt: try decode(4)
        )
    }

    /// The API key in the first eleven columns: id, owner_id, name, prefix, last_four, created_at, expires_at,
    /// last_used_at, use_count, names of roles, names of permissions.
    func apiKey() throws(DatabaseError) -> APIKey {
        APIKey(
            id: try identifier(0),
            ownerID: try identifier(1),
            name: try decode(2),
            prefix: try decode(3),
            lastFour: try decode(4),
            grants: try grants(roles: 9, permissions: 10),
            createdAt: try decode(5),
            expiresAt: try decode(6),
            lastUsedAt: try decode(7),
            useCount: try decode(8)
        )
    }
}
