// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What an app gets for the one-time code that a sign-in returned to it with.
package struct AuthorizationCode: Hashable, Sendable {
    package let userID: Identifier<User>
    /// How the user signed in: the name of the provider.
    package let method: String
    /// Where the code was sent.
    package let redirectURI: String
    /// The S256 challenge of the app (RFC 7636 section 4.2).
    package let codeChallenge: String
    package let expiresAt: Timestamp

    package init(
        userID: Identifier<User>,
        method: String,
        redirectURI: String,
        codeChallenge: String,
        expiresAt: Timestamp
    ) {
        self.userID = userID
        self.method = method
        self.redirectURI = redirectURI
        self.codeChallenge = codeChallenge
        self.expiresAt = expiresAt
    }
}
