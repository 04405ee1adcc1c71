// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What a sign-in gives: a short-lived access token, and a refresh token that gets the next pair.
package struct TokenPair: Sendable {
    /// Whose session it is of.
    package let userID: Identifier<User>
    package let accessToken: Redacted<String>
    package let accessTokenLifetime: Duration
    package let refreshToken: Redacted<String>
    package let refreshTokenLifetime: Duration

    package init(
        userID: Identifier<User>,
        accessToken: Redacted<String>,
        accessTokenLifetime: Duration,
        refreshToken: Redacted<String>,
        refreshTokenLifetime: Duration
    ) {
        self.userID = userID
        self.accessToken = accessToken
        self.accessTokenLifetime = accessTokenLifetime
        self.refreshToken = refreshToken
        self.refreshTokenLifetime = refreshTokenLifetime
    }
}
