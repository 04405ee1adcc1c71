// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// A token pair as RFC 6749 section 5.1 names its members, and how long the refresh token lives.
package struct TokenPairResponse: ResponseSchema {
    private let pair: TokenPair

    package init(_ pair: TokenPair) {
        self.pair = pair
    }

    /// Whose session it is of, which the answer does not say.
    package var userID: Identifier<User> { pair.userID }

    package static let properties: [Property<TokenPairResponse>] = [
        .text("access_token") { $0.pair.accessToken.exposed },
        .text("token_type") { _ in "Bearer" },
        .integer("expires_in") { $0.pair.accessTokenLifetime.components.seconds },
        .text("refresh_token") { $0.pair.refreshToken.exposed },
        .integer("refresh_expires_in") { $0.pair.refreshTokenLifetime.components.seconds },
    ]
}
