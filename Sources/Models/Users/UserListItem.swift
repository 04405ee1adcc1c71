// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A user in a list.
package struct UserListItem: Hashable, Sendable {
    /// Where a user stands in a list: lists are sorted by id, newest first, and those of a search by the words found.
    package struct Place: Hashable, Sendable {
        package let id: Identifier<User>
        /// The word found and what follows it; nil without a search.
        package let term: String?

        package init(id: Identifier<User>, term: String? = nil) {
            self.id = id
            self.term = term
        }
    }

    package let user: User
    /// Names of the roles held, in any order.
    package let roles: [String]
    package let place: Place

    package init(user: User, roles: [String], place: Place) {
        self.user = user
        self.roles = roles
        self.place = place
    }
}
