// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A key was used, some times, and at an instant the last time.
package struct APIKeyUse: Hashable, Sendable {
    package let id: Identifier<APIKey>
    package let count: Int64
    package let usedAt: Timestamp

    package init(id: Identifier<APIKey>, count: Int64, usedAt: Timestamp) {
        self.id = id
        self.count = count
        self.usedAt = usedAt
    }
}
