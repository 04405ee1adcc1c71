// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Providers
import Testing

@Suite struct OIDCProviderIDTokenTests {
    @Test(
        arguments: [
            ("nonce", nil), ("nonce", .string("other")), ("nonce", .string("")),
            ("aud", nil), ("aud", .string("other")), ("aud", .array([])), ("aud", .array([.string("other")])),
            ("aud", .array([.string("client"), .string("other")])),
            ("azp", .string("other")),
            ("iss", nil), ("iss", .string("https://evil.example")), ("iss", .string("\(FakeIssuer.issuer)/")),
            ("sub", nil), ("sub", .string("")), ("sub", .integer(1)),
            ("exp", nil), ("exp", .integer(1_800_000_000 - 31)), ("exp", .string("1900000000")),
            ("iat", nil), ("iat", .integer(1_800_000_000 + 61)),
        ] as [(String, JSONValue?)]
    )
    func identity_whenClaimIsWrong_throws(name: String, value: JSONValue?) async throws {
        let fixture = try Fixture()
        fixture.issuer.change { $0.claims[name] = value }
        #expect(await fixture.code() == .unauthenticated)
    }

    @Test(
        arguments: [
            ("alg", .string("none")), ("alg", .string("HS256")), ("alg", .string("RS256")), ("alg", nil),
            ("kid", .string("unknown")), ("kid", .integer(1)), ("crit", .array([.string("exp")])),
            ("typ", .string("at+jwt")),
        ] as [(String, JSONValue?)]
    )
    func identity_whenHeaderIsWrong_throws(name: String, value: JSONValue?) async throws {
        let fixture = try Fixture()
        fixture.issuer.change { $0.header[name] = value }
        #expect(await fixture.code() == .unauthenticated)
    }

    @Test func identity_whenSignedByAnotherKeyUnderAGoodName_throws() async throws {
        let fixture = try Fixture()
        try fixture.issuer.change { $0.signingKey = try ES256PrivateKey.generate() }
        #expect(await fixture.code() == .unauthenticated)
    }

    @Test func identity_whenKeyIsNotNamed_needsASingleKey() async throws {
        let fixture = try Fixture()
        fixture.issuer.change { $0.header["kid"] = nil }
        #expect(await fixture.code() == nil)

        let other = try Fixture()
        try other.issuer.change { state in
            state.header["kid"] = nil
            state.keys.append(try ES256PrivateKey.generate())
        }
        #expect(await other.code() == .unauthenticated)
    }

    @Test func failure_tellsTheCauseToTheLogAlone() async throws {
        let fixture = try Fixture()
        fixture.issuer.change { $0.claims["nonce"] = .string("other") }
        do throws(DomainError) {
            _ = try await fixture.identity()
            Issue.record("accepted")
        } catch {
            #expect((error.cause as? TokenError)?.code == .claims)
            #expect(error.detail == "The identity provider's answer about you is not valid.")
        }
    }
}
