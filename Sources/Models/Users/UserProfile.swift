// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A user together with what the user may do.
package struct UserProfile: Hashable, Sendable {
    package let user: User
    package let grants: Grants

    package init(user: User, grants: Grants) {
        self.user = user
        self.grants = grants
    }
}
