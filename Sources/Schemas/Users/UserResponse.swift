// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// A user in a list.
package struct UserResponse: ResponseSchema {
    private let user: User
    private let roles: [String]

    /// The user without the place in the list.
    package init(_ item: UserListItem) {
        self.init(item.user, roles: item.roles)
    }

    init(_ user: User, roles: [String]) {
        self.user = user
        self.roles = roles
    }

    package static let properties: [Property<UserResponse>] = description + times

    /// Everything but the times, which stand last in each object.
    static let description: [Property<UserResponse>] = [
        .id("id") { $0.user.id },
        .text("email") { $0.user.email.text },
        .boolean("is_email_verified", "Whether an identity provider or an administrator vouched for the address.") {
            $0.user.isEmailVerified
        },
        .text("display_name", "The name that people see.", orNull: { $0.user.displayName }),
        .boolean("is_active", "Whether the user may sign in and use API keys.") { $0.user.isActive },
        .texts("roles", "Names of the roles held.") { $0.roles },
    ]
    static let times: [Property<UserResponse>] = [
        .time("created_at") { $0.user.createdAt },
        .time("updated_at", "When the user or the user's roles last changed.") { $0.user.updatedAt },
    ]
}
