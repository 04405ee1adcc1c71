// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography

/// Makes tokens that ``AccessTokenSigner`` never would.
struct Forge {
    static let issuer = "https://id.example.com"
    static let audience = "https://api.example.com"
    static let now = Timestamp(seconds: 1_800_000_000)

    let key: SigningKey
    let ring: KeyRing
    let verifier: AccessTokenVerifier

    init() throws {
        key = try .generate(at: Self.now)
        ring = KeyRing(signingKey: key)
        verifier = AccessTokenVerifier(keys: ring, issuer: Self.issuer, audience: Self.audience)
    }

    var kid: String { key.kid }
    var publicKey: ES256PublicKey { key.privateKey.publicKey }

    /// The header of a good token.
    var header: [String: JSONValue] {
        ["alg": .string("ES256"), "kid": .string(kid), "typ": .string("at+jwt")]
    }

    /// The payload of a good token.
    static let payload: [String: JSONValue] = [
        "iss": .string(issuer), "sub": .string("0198c0a8-7f3e-7abc-8def-0123456789ab"), "aud": .string(audience),
        "exp": .integer(now.seconds + 1800), "iat": .integer(now.seconds), "jti": .string("j"), "sid": .string("s"),
        "roles": .array([.string("admin")]), "permissions": .array([.string("users:read")]),
    ]

    static func text(_ members: [String: JSONValue]) -> String {
        var json = JSONWriter()
        json.value(.object(members))
        return json.text
    }

    /// Signs any two texts with the good key.
    func token(header: String, payload: String) throws -> String {
        let input = Self.encode(header) + "." + Self.encode(payload)
        return input + "." + Base64URL.encode(try key.privateKey.sign(Array(input.utf8)))
    }

    /// A good token but for the members that `change` changes.
    func token(
        header changeHeader: (inout [String: JSONValue]) -> Void = { _ in },
        payload changePayload: (inout [String: JSONValue]) -> Void = { _ in }
    ) throws -> String {
        var (header, payload) = (header, Self.payload)
        changeHeader(&header)
        changePayload(&payload)
        return try token(header: Self.text(header), payload: Self.text(payload))
    }

    static func encode(_ text: String) -> String {
        Base64URL.encode(text.utf8)
    }

    /// Why the verifier refuses the token; nil when it accepts it.
    func refusal(_ token: String, at instant: Timestamp = now) -> TokenError.Code? {
        do {
            _ = try verifier.verify(token, now: instant)
            return nil
        } catch {
            return error.code
        }
    }
}
