// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Checks ID tokens of one foreign issuer (OpenID Connect Core 1.0 section 3.1.3.7).
package struct IDTokenVerifier: Sendable {
    /// Characters that a subject may have (OpenID Connect Core 1.0 section 2).
    private static let maximumSubjectSize = 255

    private let issuer: String
    private let clientID: String
    private let algorithms: Set<JWSAlgorithm>

    /// A verifier of the tokens that `issuer`, exactly as configured, makes for us.
    ///
    /// - Parameters:
    ///   - issuer: The issuer's address, compared byte by byte.
    ///   - clientID: Our name at the issuer.
    ///   - algorithms: The signature algorithms to accept.
    package init(issuer: String, clientID: String, algorithms: Set<JWSAlgorithm> = [.rs256, .es256]) {
        self.issuer = issuer
        self.clientID = clientID
        self.algorithms = algorithms
    }

    /// What the issuer says about the person who signed in.
    ///
    /// - Parameters:
    ///   - token: The ID token.
    ///   - keys: The issuer's keys.
    ///   - nonce: The nonce of this sign-in's authorization request.
    ///   - now: The present; 30 seconds of leeway are given.
    /// - Returns: The person and what is said about them.
    /// - Throws: ``TokenError`` when the token is not the issuer's, not for us, not of this sign-in, or not living.
    package func verify(
        _ token: String,
        keys: JSONWebKeySet,
        nonce: String,
        now: Timestamp
    ) throws(TokenError) -> IDTokenClaims {
        let jws = try keys.verify(token, algorithms: algorithms)
        // An issuer's other tokens, as RFC 9068's `at+jwt`, may carry our client id as well, but name their type.
        if let type = jws.header["typ"] {
            guard ["jwt", "application/jwt"].contains(type.string?.lowercased()) else {
                throw TokenError(.algorithm, "typ is not that of an ID token")
            }
        }
        let reader = try ClaimReader(payload: jws.payload, acceptsFractions: true)
        try reader.requireIssuer(issuer)
        try requireAudience(reader)
        try ClaimReader.requireLiving(until: try reader.instant("exp"), at: now)
        try reader.requireStarted(at: now)
        guard ConstantTime.equal(try reader.text("nonce"), nonce) else {
            throw TokenError(.claims, "nonce is that of another sign-in")
        }
        let subject = try reader.text("sub")
        guard subject.utf8.count <= Self.maximumSubjectSize else { throw TokenError(.claims, "sub is too long") }
        return IDTokenClaims(issuer: issuer, subject: subject, members: reader.claims)
    }

    /// Steps 3 to 5 of section 3.1.3.7.
    private func requireAudience(_ reader: ClaimReader) throws(TokenError) {
        let audiences = try reader.audiences()
        guard audiences.contains(where: { $0.hasSameBytes(as: clientID) }) else {
            throw TokenError(.claims, "aud is another client")
        }
        guard audiences.count > 1 || reader.claims["azp"] != nil else { return }
        guard try reader.text("azp").hasSameBytes(as: clientID) else {
            throw TokenError(.claims, "azp is another client")
        }
    }
}
