// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Makes access tokens: JWTs signed with ES256 (RFC 9068).
package struct AccessTokenSigner: Sendable {
    /// Bytes that a token may have: beyond it, proxies refuse the header that carries it.
    package static let maximumSize = 4096
    /// The `typ` that tells an access token from every other JWT (RFC 9068 section 2.1).
    static let type = "at+jwt"

    private let privateKey: ES256PrivateKey
    private let header: String

    /// Signs with `key`.
    package init(key: SigningKey) {
        var json = JSONWriter()
        json.object { json in
            json.member("alg", JWSAlgorithm.es256.rawValue)
            json.member("kid", key.kid)
            json.member("typ", Self.type)
        }
        privateKey = key.privateKey
        header = Base64URL.encode(json.bytes)
    }

    /// The token in compact form.
    ///
    /// - Throws: ``TokenError`` with ``TokenError/Code/tooLarge`` when it would have more than 4 KiB;
    ///   ``CryptoError`` when OpenSSL fails.
    package func sign(_ claims: AccessTokenClaims) throws -> String {
        let signingInput = "\(header).\(Base64URL.encode(claims.json()))"
        let signatureSize = 1 + 86
        guard signingInput.utf8.count + signatureSize <= Self.maximumSize else {
            throw TokenError(.tooLarge, "the roles and permissions do not fit a token of \(Self.maximumSize) bytes")
        }
        let signature = try privateKey.sign(Array(signingInput.utf8))
        return "\(signingInput).\(Base64URL.encode(signature))"
    }
}
