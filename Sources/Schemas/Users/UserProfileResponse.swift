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

    package static let properties: [Property<UserProfileResponse>] = [
        .id("id") { $0.profile.user.id },
        .text("email") { $0.profile.user.email.text },
        .boolean("is_email_verified") { $0.profile.user.isEmailVerified },
        .text("display_name", orNull: { $0.profile.user.displayName }),
        .boolean("is_active") { $0.profile.user.isActive },
        .texts("roles") { $0.profile.grants.roles },
        .texts("permissions") { $0.profile.grants.permissions },
        .time("created_at") { $0.profile.user.createdAt },
        .time("updated_at") { $0.profile.user.updatedAt },
    ]
}
