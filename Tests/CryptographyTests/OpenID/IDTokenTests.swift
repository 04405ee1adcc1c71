// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

@Suite struct IDTokenTests {
    private static let payload: [String: JSONValue] = [
        "iss": .string(Forge.issuer), "sub": .string("248289761001"), "aud": .string("client"),
        "exp": .integer(Forge.now.seconds + 300), "iat": .integer(Forge.now.seconds), "nonce": .string("n-0S6_WzA2Mj"),
        "email": .string("ada@example.com"), "email_verified": .bool(true), "name": .string("Ada"),
    ]

    private let forge: Forge
    private let keys: JSONWebKeySet

    init() throws {
        forge = try Forge()
        keys = try JSONWebKeySet(parsing: JSONValue(parsing: forge.ring.jwks))
    }

    private func token(
        header changeHeader: (inout [String: JSONValue]) -> Void = { _ in },
        payload changePayload: (inout [String: JSONValue]) -> Void = { _ in }
    ) throws -> String {
        var (header, payload) = (forge.header, Self.payload)
        header["typ"] = .string("JWT")
        changeHeader(&header)
        changePayload(&payload)
        return try forge.token(header: Forge.text(header), payload: Forge.text(payload))
    }

    private func verify(_ token: String, nonce: String = "n-0S6_WzA2Mj") throws(TokenError) -> IDTokenClaims {
        try IDTokenVerifier(issuer: Forge.issuer, clientID: "client")
            .verify(token, keys: keys, nonce: nonce, now: Forge.now)
    }

    private func refusal(_ token: String, nonce: String = "n-0S6_WzA2Mj") -> TokenError.Code? {
        do {
            _ = try verify(token, nonce: nonce)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func goodToken_tellsWhoSignedIn() throws {
        let claims = try verify(token())
        #expect(claims.issuer == Forge.issuer)
        #expect(claims.subject == "248289761001")
        #expect(claims.email == "ada@example.com")
        #expect(claims.isEmailVerified)
        #expect(claims.name == "Ada")
    }

    @Test func tokenOfTheLeastThatIsRequired_isAccepted() throws {
        let required: Set = ["iss", "sub", "aud", "exp", "iat", "nonce"]
        let claims = try verify(
            token(header: { $0["typ"] = nil }, payload: { $0 = $0.filter { required.contains($0.key) } })
        )
        #expect(claims.email == nil && !claims.isEmailVerified && claims.name == nil)
    }

    @Test(arguments: ["iss", "sub", "aud", "exp", "iat", "nonce"])
    func token_withoutARequiredClaim_isRefused(claim: String) throws {
        for value in [nil, .null, .bool(true), .object([:]), .array([]), .string("")] as [JSONValue?] {
            #expect(refusal(try token(payload: { $0[claim] = value })) == .claims)
        }
    }

    @Test(
        arguments: [
            ("iss", .string(Forge.issuer + "/")), ("iss", .string("https://evil.example")),
            ("iss", .array([.string(Forge.issuer)])), ("aud", .string("other")), ("aud", .array([.string("other")])),
            ("aud", .array([.string("client"), .string("other")])), ("azp", .string("other")), ("azp", .null),
            ("azp", .array([.string("client")])), ("nonce", .string("other")), ("nonce", .string("N-0S6_WzA2Mj")),
            ("nonce", .integer(1)), ("sub", .string(String(repeating: "s", count: 256))), ("sub", .integer(1)),
            ("exp", .string("1800000300")), ("exp", .integer(-1)), ("exp", .integer(.max)), ("exp", .number(1e300)),
            ("iat", .integer(.min)), ("nbf", .string("0")),
        ] as [(String, JSONValue)]
    )
    func token_withAWrongClaim_isRefused(claim: String, value: JSONValue) throws {
        #expect(refusal(try token(payload: { $0[claim] = value })) == .claims)
    }

    @Test func severalAudiences_areAcceptedWithOurAuthorizedParty() throws {
        let audiences = JSONValue.array([.string("other"), .string("client")])
        #expect(
            refusal(
                try token(payload: {
                    $0["aud"] = audiences
                    $0["azp"] = .string("client")
                })
            ) == nil
        )
        #expect(refusal(try token(payload: { $0["aud"] = audiences })) == .claims)
    }

    @Test(arguments: [
        ("exp", -29, nil), ("exp", -61, TokenError.Code.expired), ("iat", 29, nil), ("iat", 61, .notYetValid),
        ("nbf", 29, nil), ("nbf", 61, .notYetValid),
    ])
    func token_nearTheEndsOfItsLife_isJudgedWithLeeway(claim: String, offset: Int64, expected: TokenError.Code?) throws
    {
        let whole = try token(payload: { $0[claim] = .integer(Forge.now.seconds + offset) })
        #expect(refusal(whole) == expected)
        let fractional = try token(payload: { $0[claim] = .number(Double(Forge.now.seconds + offset) + 0.25) })
        #expect(refusal(fractional) == expected)
    }

    @Test func token_ofAnotherSignIn_isRefused() throws {
        #expect(refusal(try token(), nonce: "") == .claims)
        #expect(refusal(try token(), nonce: "another") == .claims)
    }

    @Test(arguments: [.string("true"), .integer(1), .null, .bool(false), nil] as [JSONValue?])
    func email_isVerifiedOnlyByTrue(value: JSONValue?) throws {
        #expect(try !verify(token(payload: { $0["email_verified"] = value })).isEmailVerified)
    }

    @Test func accessToken_isNoIDToken() throws {
        for type in ["at+jwt", "logout+jwt", ""] {
            #expect(refusal(try token(header: { $0["typ"] = .string(type) })) == .algorithm)
        }
        #expect(refusal(try token(header: { $0["typ"] = .integer(1) })) == .algorithm)
        #expect(refusal(try token(header: { $0["typ"] = .string("jwt") })) == nil)
    }

    @Test func idToken_isNoAccessToken() throws {
        #expect(forge.refusal(try token()) == .algorithm)
    }

    @Test func token_ofAnotherKeyOrAlgorithm_isRefused() throws {
        let other = try Forge()
        let header = Forge.text(["alg": .string("ES256"), "kid": .string(forge.kid)])
        #expect(refusal(try other.token(header: header, payload: Forge.text(Self.payload))) == .signature)
        #expect(refusal(try other.token(header: Forge.text(other.header), payload: "{}")) == .unknownKey)
        for algorithm in ["none", "None", "HS256", "PS256", ""] {
            let token = try token(header: { $0["alg"] = .string(algorithm) })
            #expect(refusal(token) == .algorithm)
            #expect(refusal(token.split(separator: ".").prefix(2).joined(separator: ".") + ".") == .algorithm)
        }
        #expect(refusal(try token(header: { $0["alg"] = .string("RS256") })) == .algorithm, "not the key's")
    }

    @Test(arguments: ["", "[]", "null", "\"text\"", #"{"sub":"a","sub":"b"}"#])
    func payloadThatIsNoObject_isRefused(payload: String) throws {
        let header = Forge.text(["alg": .string("ES256"), "kid": .string(forge.kid)])
        #expect(refusal(try forge.token(header: header, payload: payload)) == .malformed)
    }
}
