// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A key was used at an instant.
package struct APIKeyUse: Hashable, Sendable {
    package let id: Identifier<APIKey>
    package let usedAt: Timestamp

    package init(id: Identifier<APIKey>, usedAt: Timestamp) {
        self.id = id
        self.usedAt = usedAt
    }
}
