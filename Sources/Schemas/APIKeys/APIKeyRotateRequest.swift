// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// How an API key is replaced.
package struct APIKeyRotateRequest: RequestSchema {
    package let overlap: Duration
    package let expiresAt: Change<Timestamp?>

    private static let overlap = Field(
        "overlap_seconds",
        .integer(0...APIKey.maximumOverlap.components.seconds),
        "How long the old key goes on working, but never beyond its own expiry; 0 ends it at once.",
        default: 0
    )
    private static let expiresAt = Field(
        "expires_at",
        .change(.optional(.timestamp)),
        "When the new key ends; null for never. Without it, it lives as long as the old one was made to.",
        default: .keep
    )

    package static let fields: [any FieldDescription] = [overlap, expiresAt]

    package init(_ values: FieldValues) throws(DomainError) {
        self.overlap = .seconds(try values.get(Self.overlap))
        self.expiresAt = try values.get(Self.expiresAt)
    }
}
