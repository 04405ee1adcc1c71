// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// A user with roles and permissions.
package struct UserProfileResponse: ResourceSchema {
    private let profile: UserProfile

    package init(_ profile: UserProfile) {
        self.profile = profile
    }

    package var resourceID: String { profile.user.id.description }

    package static let properties: [Property<UserProfileResponse>] =
        UserResponse.description.map { $0.pulled(\.user) }
        + [
            .texts("permissions", "Names of the permissions that come with the roles.") {
                $0.profile.grants.permissions
            }
        ]
        + UserResponse.times.map { $0.pulled(\.user) }

    private var user: UserResponse { UserResponse(profile.user, roles: profile.grants.roles) }
}
