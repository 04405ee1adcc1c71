// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What is changed of a user.
package struct UserChanges: Hashable, Sendable {
    package var email: Change<EmailAddress>
    package var isEmailVerified: Change<Bool>
    package var displayName: Change<String?>
    package var isActive: Change<Bool>

    package init(
        email: Change<EmailAddress> = .keep,
        isEmailVerified: Change<Bool> = .keep,
        displayName: Change<String?> = .keep,
        isActive: Change<Bool> = .keep
    ) {
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.displayName = displayName
        self.isActive = isActive
    }

    /// `user` as it is afterwards.
    ///
    /// Nobody has vouched for a new address, unless the same change says so.
    func applied(to user: User, at instant: Timestamp) -> User {
        let newEmail = email.applied(to: user.email)
        return User(
            id: user.id,
            email: newEmail,
            isEmailVerified: isEmailVerified.applied(to: newEmail == user.email && user.isEmailVerified),
            displayName: displayName.applied(to: user.displayName),
            isActive: isActive.applied(to: user.isActive),
            createdAt: user.createdAt,
            updatedAt: instant
        )
    }
}
