// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// A user with roles and permissions.
package struct UserProfileResponse: ResourceSchema {
    private let id: Identifier<User>
    private let user: UserResponse
    private let permissions: Set<String>

    /// The user of `profile`, with what the user holds.
    package init(_ profile: UserProfile) {
        id = profile.user.id
        user = UserResponse(profile.user, roles: Array(profile.grants.roles))
        permissions = profile.grants.permissions
    }

    package var resourceID: String { id.description }

    package static let properties: [Property<UserProfileResponse>] =
        UserResponse.description.map { $0.pulled(\.user) }
        + [
            .texts("permissions", "Names of the permissions that come with the roles.") { $0.permissions }
        ]
        + UserResponse.times.map { $0.pulled(\.user) }
}
