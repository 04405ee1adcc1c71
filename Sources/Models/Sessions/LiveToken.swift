// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// An access token that counts at this moment, and what its user holds by now.
package struct LiveToken: Hashable, Sendable {
    package let user: UserProfile
    package let session: Identifier<Session>
    package let tokenID: String
    package let issuer: String
    package let audience: String
    package let issuedAt: Timestamp
    package let expiresAt: Timestamp

    package init(
        user: UserProfile,
        session: Identifier<Session>,
        tokenID: String,
        issuer: String,
        audience: String,
        issuedAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.user = user
        self.session = session
        self.tokenID = tokenID
        self.issuer = issuer
        self.audience = audience
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }
}
