// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// An API key as it is shown ever after: enough to recognise it, never its secret.
package struct APIKeyResponse: ResourceSchema {
    private let key: APIKey

    package init(_ key: APIKey) {
        self.key = key
    }

    package var resourceID: String { key.id.description }

    /// Written in batches while the key is used: a caller who read the key a minute ago has missed nothing.
    package static let unversionedProperties: Set<String> = ["last_used_at"]

    package static let properties: [Property<APIKeyResponse>] = [
        .id("id") { $0.key.id },
        .id("owner_id") { $0.key.ownerID },
        .text("name") { $0.key.name },
        .text("prefix") { $0.key.prefix },
        .text("last_four") { $0.key.lastFour },
        .texts("roles") { $0.key.grants.roles },
        .texts("permissions") { $0.key.grants.permissions },
        .time("created_at") { $0.key.createdAt },
        .time("expires_at", orNull: { $0.key.expiresAt }),
        .time("last_used_at", orNull: { $0.key.lastUsedAt }),
    ]
}
