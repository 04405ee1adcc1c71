// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Checks access tokens: the key by its name in the ring, the algorithm and the type fixed, every claim required.
package struct AccessTokenVerifier: Sendable {
    /// Bytes that a token may have before anything of it is decoded.
    package static let maximumSize = 8192

    private let keys: KeyRing
    private let issuer: String
    private let audience: String

    package init(keys: KeyRing, issuer: String, audience: String) {
        self.keys = keys
        self.issuer = issuer
        self.audience = audience
    }

    /// The claims of `token`, if it is one of ours, for our audience, and living at `now`, with 30 seconds of leeway.
    ///
    /// Keys and addresses of keys in the header (`jwk`, `x5c`, `jku`, `x5u`) are ignored.
    ///
    /// - Throws: ``TokenError`` when anything else than that is the case.
    package func verify(_ token: String, now: Timestamp) throws(TokenError) -> AccessTokenClaims {
        try verifyNamingKey(token, now: now).claims
    }

    /// The same, with the name of the key that signed: for whoever keeps the claims and must give them up with the key.
    ///
    /// - Throws: as ``verify(_:now:)``.
    package func verifyNamingKey(
        _ token: String,
        now: Timestamp
    ) throws(TokenError) -> (claims: AccessTokenClaims, kid: String) {
        let jws = try CompactJWS(token, maximumSize: Self.maximumSize)
        // Every key of the ring is an ES256 key, so the header chooses nothing: it must only not say otherwise.
        guard jws.header["alg"]?.string == JWSAlgorithm.es256.rawValue else {
            throw TokenError(.algorithm, "alg is not ES256")
        }
        guard jws.header["typ"]?.string == AccessTokenSigner.type else {
            throw TokenError(.algorithm, "typ is not at+jwt")
        }
        guard let kid = jws.header["kid"]?.string, let key = keys.publicKey(kid) else {
            throw TokenError(.unknownKey, "kid is not one of our keys")
        }
        guard key.isValid(signature: jws.signature, for: jws.signingInput) else {
            throw TokenError(.signature, "the signature is not valid")
        }
        return (try claims(try ClaimReader(payload: jws.payload), now: now), kid)
    }

    private func claims(_ reader: ClaimReader, now: Timestamp) throws(TokenError) -> AccessTokenClaims {
        try reader.requireIssuer(issuer)
        guard try reader.audiences().contains(where: { $0.hasSameBytes(as: audience) }) else {
            throw TokenError(.claims, "aud is another audience")
        }
        let claims = AccessTokenClaims(
            issuer: issuer,
            subject: try reader.text("sub"),
            audience: audience,
            expiresAt: try reader.instant("exp"),
            issuedAt: try reader.instant("iat"),
            tokenID: try reader.text("jti"),
            sessionID: try reader.text("sid"),
            roles: try reader.texts("roles"),
            permissions: try reader.texts("permissions"),
            areGrantsOmitted: try reader.flag("grants_omitted")
        )
        try ClaimReader.requireLiving(until: claims.expiresAt, at: now)
        try reader.requireStarted(at: now)
        return claims
    }
}
