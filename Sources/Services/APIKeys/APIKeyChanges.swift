// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What is changed of an API key.
package struct APIKeyChanges: Hashable, Sendable {
    package var name: Change<String>
    package var roles: Change<Set<String>>
    package var permissions: Change<Set<String>>
    package var expiresAt: Change<Timestamp?>

    package init(
        name: Change<String> = .keep,
        roles: Change<Set<String>> = .keep,
        permissions: Change<Set<String>> = .keep,
        expiresAt: Change<Timestamp?> = .keep
    ) {
        self.name = name
        self.roles = roles
        self.permissions = permissions
        self.expiresAt = expiresAt
    }

    /// `key` as it is afterwards.
    func applied(to key: APIKey) -> APIKey {
        APIKey(
            id: key.id,
            ownerID: key.ownerID,
            name: name.applied(to: key.name),
            prefix: key.prefix,
            lastFour: key.lastFour,
            grants: Grants(
                roles: roles.applied(to: key.grants.roles),
                permissions: permissions.applied(to: key.grants.permissions)
            ),
            createdAt: key.createdAt,
            expiresAt: expiresAt.applied(to: key.expiresAt),
            lastUsedAt: key.lastUsedAt,
            useCount: key.useCount
        )
    }
}
