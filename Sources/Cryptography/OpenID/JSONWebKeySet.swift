// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The public keys of a foreign issuer (RFC 7517 section 5): those that check signatures with RSA of 2048 bits and
/// more, or P-256.
///
/// Others are ignored.
package struct JSONWebKeySet: Sendable {
    /// Members of `keys` that are looked at: no issuer has as many, and each costs a check of the key.
    private static let maximumCount = 100

    private let keys: [JSONWebKey]

    /// Whether no key of the document is of use.
    package var isEmpty: Bool { keys.isEmpty }

    /// Reads the document at an issuer's `jwks_uri`.
    ///
    /// - Throws: ``TokenError`` with ``TokenError/Code/malformed`` when it is no JWK Set, or one of over 100 keys.
    package init(parsing json: JSONValue) throws(TokenError) {
        guard let keys = json["keys"]?.array, keys.count <= Self.maximumCount else {
            throw TokenError(.malformed, "not a JWK Set")
        }
        self.keys = keys.compactMap(JSONWebKey.init(parsing:))
    }

    /// Checks the signature of a JWS, which says nothing yet about what is in it.
    ///
    /// - Parameters:
    ///   - token: A JWS in compact form, of at most 16 KiB.
    ///   - algorithms: What the caller accepts; a key that names one algorithm narrows it further.
    /// - Returns: The header and the payload.
    /// - Throws: ``TokenError``; ``TokenError/Code/unknownKey`` when the set may be out of date.
    package func verify(_ token: String, algorithms: Set<JWSAlgorithm>) throws(TokenError) -> VerifiedJWS {
        let jws = try CompactJWS(token, maximumSize: VerifiedJWS.maximumSize)
        guard let algorithm = jws.header["alg"]?.string.flatMap(JWSAlgorithm.init), algorithms.contains(algorithm)
        else {
            throw TokenError(.algorithm, "alg is not accepted")
        }
        let key = try key(named: jws.header["kid"], for: algorithm)
        guard key.isValid(signature: jws.signature, for: jws.signingInput, algorithm: algorithm) else {
            throw TokenError(.signature, "the signature is not valid")
        }
        return VerifiedJWS(header: jws.header, payload: jws.payload)
    }

    /// The one key that a header means.
    ///
    /// Trying several would let an issuer's forgotten key speak for its others.
    private func key(named kid: JSONValue?, for algorithm: JWSAlgorithm) throws(TokenError) -> JSONWebKey {
        var candidates = keys
        if let kid {
            guard let kid = kid.string else { throw TokenError(.malformed, "kid is not a text") }
            candidates = candidates.filter { $0.kid?.hasSameBytes(as: kid) == true }
            guard !candidates.isEmpty else { throw TokenError(.unknownKey, "kid is not one of the issuer's keys") }
        }
        candidates = candidates.filter { $0.algorithms.contains(algorithm) }
        guard let key = candidates.first else { throw TokenError(.algorithm, "alg is not the key's") }
        guard candidates.count == 1 else { throw TokenError(.unknownKey, "several keys could be meant") }
        return key
    }
}
