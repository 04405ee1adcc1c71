// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Models

/// What is said of a user who shall be created.
package struct NewUser: Hashable, Sendable {
    package let email: EmailAddress
    package let isEmailVerified: Bool
    package let displayName: String?
    package let isActive: Bool
    /// Names of roles; nil for what a first sign-in gives.
    package let roles: Set<String>?

    package init(
        email: EmailAddress,
        isEmailVerified: Bool = false,
        displayName: String? = nil,
        isActive: Bool = true,
        roles: Set<String>? = nil
    ) {
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.displayName = displayName
        self.isActive = isActive
        self.roles = roles
    }
}
