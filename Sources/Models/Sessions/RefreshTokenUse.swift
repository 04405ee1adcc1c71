// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The attempt to use a refresh token up.
package struct RefreshTokenUse: Sendable {
    package let session: Identifier<Session>
    /// The hash of the token that is shown.
    package let tokenHash: [UInt8]
    package let successorHash: [UInt8]
    package let successorExpiresAt: Timestamp
    /// The pair that the client gets, readable only with the token that is shown.
    package let sealedPair: [UInt8]
    package let instant: Timestamp
    /// A token that was used later than this may be shown again.
    package let forgivenSince: Timestamp
    package let userAgent: String?
    package let address: String?

    package init(
        session: Identifier<Session>,
        tokenHash: [UInt8],
        successorHash: [UInt8],
        successorExpiresAt: Timestamp,
        sealedPair: [UInt8],
        instant: Timestamp,
        forgivenSince: Timestamp,
        userAgent: String?,
        address: String?
    ) {
        self.session = session
        self.tokenHash = tokenHash
        self.successorHash = successorHash
        self.successorExpiresAt = successorExpiresAt
        self.sealedPair = sealedPair
        self.instant = instant
        self.forgivenSince = forgivenSince
        self.userAgent = userAgent
        self.address = address
    }

    /// What came of it.
    package enum Outcome: Hashable, Sendable {
        /// The token is used up, and its successor stored.
        case used
        /// The token was used up a moment ago, for this pair.
        case repeated(sealedPair: [UInt8])
        /// The token was used up before: whoever is told so ends the session.
        case reused
        /// There is no such token, it has expired, or its session is over.
        case refused
    }
}
