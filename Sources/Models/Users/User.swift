// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A person who may sign in.
package struct User: Hashable, Sendable {
    package let id: Identifier<User>
    package let email: EmailAddress
    /// Whether an identity provider, or an administrator, vouched for the address.
    package let isEmailVerified: Bool
    package let displayName: String?
    /// A user who is not active can neither sign in nor use keys.
    package let isActive: Bool
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package init(
        id: Identifier<User>,
        email: EmailAddress,
        isEmailVerified: Bool,
        displayName: String?,
        isActive: Bool,
        createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.displayName = displayName
        self.isActive = isActive
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
