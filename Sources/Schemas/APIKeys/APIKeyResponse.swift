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
    package static let unversionedProperties: Set<String> = ["last_used_at", "use_count"]

    package static let properties: [Property<APIKeyResponse>] = [
        .id("id") { $0.key.id },
        .id("owner_id", "The user on whose behalf the key acts.") { $0.key.ownerID },
        .text("name", "What the key is for.") { $0.key.name },
        .text("prefix", "How the key's text begins.") { $0.key.prefix },
        .text("last_four", "How the key's text ends.") { $0.key.lastFour },
        .texts("roles", "Names of the roles given to the key; those that its owner holds count.") {
            $0.key.grants.roles
        },
        .texts("permissions", "Permissions given to the key directly; those that its owner holds count.") {
            $0.key.grants.permissions
        },
        .time("created_at") { $0.key.createdAt },
        .time("expires_at", "When the key ends; null for never.", orNull: { $0.key.expiresAt }),
        .time("last_used_at", "Lags by a minute; null for never.", orNull: { $0.key.lastUsedAt }),
        .integer("use_count", "Requests that the key has let in; lags by a minute.") { $0.key.useCount },
    ]
}
