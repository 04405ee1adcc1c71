// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// What stays known of an access token whose signature and claims were checked.
///
/// An object: every request gets it from among those that are kept.
package final class VerifiedToken: Sendable {
    /// The key that signed it: when that is accepted no more, neither is the token.
    package let kid: String
    /// `sub`.
    package let userID: Identifier<User>
    /// `sid`.
    package let session: Identifier<Session>
    /// `iat`.
    package let issuedAt: Timestamp
    /// `exp`.
    package let expiresAt: Timestamp
    /// What the token says that its user holds; nil when it leaves that out.
    package let grants: Grants?

    /// Nil when user or session is no id.
    init?(_ claims: AccessTokenClaims, kid: String) {
        guard let userID = Identifier<User>(claims.subject), let session = Identifier<Session>(claims.sessionID) else {
            return nil
        }
        self.kid = kid
        self.userID = userID
        self.session = session
        issuedAt = claims.issuedAt
        expiresAt = claims.expiresAt
        grants = claims.areGrantsOmitted ? nil : Grants(roles: Set(claims.roles), permissions: Set(claims.permissions))
    }
}
