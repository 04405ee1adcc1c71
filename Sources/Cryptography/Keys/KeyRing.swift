// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The keys of one moment: the one that signs, and all whose signatures are accepted.
///
/// A rotation makes a new ring.
package final class KeyRing: Sendable {
    /// The key that signs new access tokens.
    package let signingKey: SigningKey
    /// The JWK Set (RFC 7517 section 5) of all accepted keys, as JSON.
    ///
    /// It holds public members only.
    package let jwks: [UInt8]

    private let publicKeys: [String: ES256PublicKey]

    /// The ring of a signing key and of further keys whose signatures are accepted: the next one, published before its
    /// first use, and the previous ones, until their last token is dead.
    package init(signingKey: SigningKey, accepting others: [ES256PublicKey] = []) {
        let signing = signingKey.privateKey.publicKey
        let keys = [signing] + Set(others).subtracting([signing]).sorted { $0.kid < $1.kid }
        self.signingKey = signingKey
        self.publicKeys = Dictionary(keys.map { ($0.kid, $0) }) { first, _ in first }
        self.jwks = Self.jwks(of: keys)
    }

    /// The accepted key with this name: a look-up in memory, whatever a stranger writes as `kid`.
    package func publicKey(_ kid: String) -> ES256PublicKey? {
        publicKeys[kid]
    }

    private static func jwks(of keys: [ES256PublicKey]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.name("keys")
            json.array(keys) { json, key in
                json.object { json in
                    json.member("kty", "EC")
                    json.member("crv", "P-256")
                    json.member("x", Base64URL.encode(key.x))
                    json.member("y", Base64URL.encode(key.y))
                    json.member("kid", key.kid)
                    json.member("use", "sig")
                    json.member("alg", JWSAlgorithm.es256.rawValue)
                }
            }
        }
        return json.bytes
    }
}
