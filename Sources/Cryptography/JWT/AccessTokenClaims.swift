// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What an access token says (RFC 9068 section 2.2).
package struct AccessTokenClaims: Hashable, Sendable {
    /// `client_id`: apps are not registered, so one name stands for all of them; RFC 9068 requires it.
    static let clientID = "postern"

    /// `iss`: this service's public address.
    package let issuer: String
    /// `sub`: the user's id.
    package let subject: String
    /// `aud`: who the token is for.
    package let audience: String
    /// `exp`, in whole seconds.
    package let expiresAt: Timestamp
    /// `iat`, in whole seconds.
    package let issuedAt: Timestamp
    /// `jti`: the token's own id.
    package let tokenID: String
    /// `sid`: the id of the session that the token belongs to.
    package let sessionID: String
    /// The names of the roles held when the token was made.
    package let roles: [String]
    /// The permissions that those roles gave, as `resource:action`.
    package let permissions: [String]
    /// `grants_omitted`: roles and permissions do not fit a token, and have to be looked up by the user's id.
    ///
    /// Both lists are empty then, so that whoever does not know the claim takes the user for one who holds nothing.
    package let areGrantsOmitted: Bool

    package init(
        issuer: String,
        subject: String,
        audience: String,
        expiresAt: Timestamp,
        issuedAt: Timestamp,
        tokenID: String,
        sessionID: String,
        roles: [String],
        permissions: [String],
        areGrantsOmitted: Bool = false
    ) {
        self.issuer = issuer
        self.subject = subject
        self.audience = audience
        self.expiresAt = expiresAt
        self.issuedAt = issuedAt
        self.tokenID = tokenID
        self.sessionID = sessionID
        self.roles = roles
        self.permissions = permissions
        self.areGrantsOmitted = areGrantsOmitted
    }

    /// The same without roles and permissions.
    package var omittingGrants: AccessTokenClaims {
        AccessTokenClaims(
            issuer: issuer,
            subject: subject,
            audience: audience,
            expiresAt: expiresAt,
            issuedAt: issuedAt,
            tokenID: tokenID,
            sessionID: sessionID,
            roles: [],
            permissions: [],
            areGrantsOmitted: true
        )
    }

    /// Refuses a token whose `exp` is `expiry` when it is over at `now`: for what is kept of claims, since time goes on.
    ///
    /// - Throws: ``TokenError`` with ``TokenError/Code/expired``, from 30 seconds after `exp` on.
    package static func requireLiving(until expiry: Timestamp, at now: Timestamp) throws(TokenError) {
        try ClaimReader.requireLiving(until: expiry, at: now)
    }

    /// The claims as the payload of a token.
    func json() -> [UInt8] {
        var json = JSONWriter(reservingCapacity: 1024)
        json.object { json in
            json.member("iss", issuer)
            json.member("sub", subject)
            json.member("aud", audience)
            json.member("client_id", Self.clientID)
            json.member("exp", expiresAt.seconds)
            json.member("iat", issuedAt.seconds)
            json.member("jti", tokenID)
            json.member("sid", sessionID)
            json.member("roles", roles)
            json.member("permissions", permissions)
            if areGrantsOmitted { json.member("grants_omitted", true) }
        }
        return json.bytes
    }
}
