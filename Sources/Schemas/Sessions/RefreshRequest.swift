// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A refresh token to swap for the next pair.
package struct RefreshRequest: RequestSchema {
    package let refreshToken: Redacted<String>

    private static let refreshToken = Field(
        "refresh_token",
        .token(upTo: 512),
        "The refresh token of the newest pair."
    )

    package static let fields: [any FieldDescription] = [refreshToken]

    package init(_ values: FieldValues) throws(DomainError) {
        self.refreshToken = Redacted(try values.get(Self.refreshToken))
    }
}
