// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// A new API key with its secret, which is shown in this answer and nowhere else.
package struct APIKeyCreatedResponse: ResourceSchema {
    private let key: APIKey
    private let secret: Redacted<String>

    package init(_ key: APIKey, secret: Redacted<String>) {
        self.key = key
        self.secret = secret
    }

    package var resourceID: String { key.id.description }

    /// A version is that of the key as it is shown ever after.
    package static let unversionedProperties: Set<String> = ["key", "last_used_at", "use_count"]

    package static let properties: [Property<APIKeyCreatedResponse>] =
        [.text("key", "The key itself, in this answer and nowhere else.") { $0.secret.exposed }]
        + APIKeyResponse.properties.map { property in property.pulled { APIKeyResponse($0.key) } }
}
