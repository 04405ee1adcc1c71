// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Somebody on whose behalf something is done, if they are active and hold a permission at that moment.
package struct PermissionHolder: Hashable, Sendable {
    package let user: Identifier<User>
    package let permission: String

    package init(_ user: Identifier<User>, of permission: String) {
        self.user = user
        self.permission = permission
    }
}
