// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Which users are wanted.
package struct UserFilter: Hashable, Sendable {
    /// Those with a word, in e-mail address or name, that begins with this text; letter case does not count, and no
    /// character has a special meaning.
    package var text: String?
    /// Only those who are active, or only those who are not.
    package var isActive: Bool?
    /// Only those who hold this role; stands alone.
    package var role: Identifier<Role>?

    package init(text: String? = nil, isActive: Bool? = nil, role: Identifier<Role>? = nil) {
        self.text = text
        self.isActive = isActive
        self.role = role
    }
}
