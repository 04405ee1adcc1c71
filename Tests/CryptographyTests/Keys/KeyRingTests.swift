// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

@Suite struct KeyRingTests {
    @Test func jwks_hasThePublicMembersOfEveryKey() throws {
        let keys = try (0..<3).map { _ in try SigningKey.generate(at: Forge.now) }
        let ring = KeyRing(signingKey: keys[0], accepting: keys.map(\.privateKey.publicKey))
        let document = try JSONValue(parsing: ring.jwks)
        #expect(document.object?.keys.sorted() == ["keys"])
        let members = try #require(document["keys"]?.array)
        #expect(Set(members.compactMap { $0["kid"]?.string }) == Set(keys.map(\.kid)))
        #expect(members.count == 3)
        for member in members {
            // RFC 7518 section 6.2: no `d`, and nothing else that is not on this list.
            #expect(member.object?.keys.sorted() == ["alg", "crv", "kid", "kty", "use", "x", "y"])
            #expect(member["kty"] == .string("EC") && member["crv"] == .string("P-256"))
            #expect(member["use"] == .string("sig") && member["alg"] == .string("ES256"))
            let kid = try #require(member["kid"]?.string)
            let key = try #require(ring.publicKey(kid))
            #expect(Base64URL.decode(member["x"]?.string ?? "") == key.x)
            #expect(Base64URL.decode(member["y"]?.string ?? "") == key.y)
        }
    }

    @Test func jwks_checksOurTokens() throws {
        let forge = try Forge()
        let keys = try JSONWebKeySet(parsing: JSONValue(parsing: forge.ring.jwks))
        #expect(try keys.verify(forge.token(), algorithms: [.es256]).header["kid"] == .string(forge.kid))
    }

    @Test func publicKey_ofAnUnknownName_isNil() throws {
        let forge = try Forge()
        #expect(forge.ring.publicKey(forge.kid) == forge.publicKey)
        #expect(forge.ring.publicKey("") == nil)
        #expect(forge.ring.publicKey("../../dev/null") == nil)
    }
}
