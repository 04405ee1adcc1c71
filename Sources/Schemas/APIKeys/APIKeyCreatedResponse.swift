// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// A new API key with its secret, which is shown in this answer and nowhere else.
package struct APIKeyCreatedResponse: ResponseSchema {
    private let key: APIKey
    private let secret: Redacted<String>

    package init(_ key: APIKey, secret: Redacted<String>) {
        self.key = key
        self.secret = secret
    }

    package static let properties: [Property<APIKeyCreatedResponse>] =
        [.text("key") { $0.secret.exposed }]
        + APIKeyResponse.properties.map { property in property.pulled { APIKeyResponse($0.key) } }
}
