// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What somebody holds: the names of roles, and the permissions that come with them or directly.
package struct Grants: Hashable, Sendable {
    package var roles: Set<String>
    package var permissions: Set<String>

    package init(roles: Set<String> = [], permissions: Set<String> = []) {
        self.roles = roles
        self.permissions = permissions
    }

    /// What is in both: an API key never has more than its owner.
    package func limited(to other: Grants) -> Grants {
        Grants(
            roles: roles.intersection(other.roles),
            permissions: permissions.intersection(other.permissions)
        )
    }
}
