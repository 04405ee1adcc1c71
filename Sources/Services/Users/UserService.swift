// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Users.
package struct UserService: Sendable {
    private let users: any UserRepository

    package init(users: any UserRepository) {
        self.users = users
    }

    /// The caller, limited to what the credential may do: a key shows its own grants, not those of its owner.
    ///
    /// - Throws: ``ErrorCode/unauthenticated`` when the user is gone or not active.
    package func profile(of principal: Principal) async throws(DomainError) -> UserProfile {
        guard let profile = try await users.profile(of: principal.userID), profile.user.isActive else {
            throw DomainError(.unauthenticated, "This user is not active any more.")
        }
        switch principal.credential {
        case .accessToken: return profile
        case .apiKey: return UserProfile(user: profile.user, grants: principal.grants)
        }
    }
}
