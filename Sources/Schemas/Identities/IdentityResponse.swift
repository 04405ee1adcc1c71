// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// An identity with which a user signs in.
package struct IdentityResponse: ResourceSchema {
    private let identity: LinkedIdentity
    private let provider: String?

    /// - Parameters:
    ///   - identity: The identity.
    ///   - provider: The name of the provider at which it signs in; nil when that is off.
    package init(_ identity: LinkedIdentity, provider: String?) {
        self.identity = identity
        self.provider = provider
    }

    package var resourceID: String { identity.id.description }

    /// The provider's name is a setting.
    package static let unversionedProperties: Set<String> = ["provider"]

    package static let properties: [Property<IdentityResponse>] = [
        .id("id") { $0.identity.id },
        .text(
            "provider",
            "The name of the provider at which it signs in; null when that is off.",
            orNull: { $0.provider }
        ),
        .text("issuer", "Who vouches for the identity.") { $0.identity.issuer },
        .text("subject", "What the issuer calls the person; it never changes.") { $0.identity.subject },
        .text("email", "What the issuer said when the identity was linked.", orNull: { $0.identity.email }),
        .time("created_at", "When the identity was linked.") { $0.identity.createdAt },
    ]
}
