// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What the API counts besides requests.
package enum APIEvent: Hashable, Sendable {
    /// A token or key was checked; nil when it was good.
    case credentialChecked(refusal: ErrorCode?)
    /// It was decided whether a known caller may call an operation.
    case accessDecided(isAllowed: Bool)
    /// A sign-in came back from its provider and failed.
    case loginFailed(ErrorCode)
    /// A token pair was given out.
    case tokensIssued(grant: TokenGrant)
    /// A request was refused by a rate limit.
    case rateLimited(RateLimitKey.Kind)
}

/// What a token pair was given for.
package enum TokenGrant: String, CaseIterable, Sendable {
    case authorizationCode = "authorization_code"
    case refreshToken = "refresh_token"
    /// A one-time link for the first administrator.
    case signInLink = "sign_in_link"
    /// A sign-in at a provider that no app had asked for.
    case provider
}
