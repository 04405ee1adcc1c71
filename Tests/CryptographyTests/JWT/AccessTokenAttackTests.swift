// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import FoundationEssentials
import Testing

/// Tokens that strangers make.
///
/// Each is as good as it can be but for the one thing under test.
@Suite struct AccessTokenAttackTests {
    private let forge: Forge

    init() throws {
        forge = try Forge()
        // What the attacks begin with is accepted: so each refusal has the one cause that the test means.
        try #require(forge.refusal(forge.token()) == nil)
    }

    @Test(
        arguments: [
            .string("none"), .string("None"), .string("nOnE"), .string("NONE"), .string(""), .string("es256"),
            .string("ES256 "), .string("HS256"), .string("RS256"), .string("ES384"), .string("ES256K"),
            .string("EdDSA"),
            .null, .integer(0), .bool(true), .array([.string("ES256")]), .object(["alg": .string("ES256")]), nil,
        ] as [JSONValue?]
    )
    func algorithm_otherThanES256_isRefused(algorithm: JSONValue?) throws {
        let signed = try forge.token(header: { $0["alg"] = algorithm })
        #expect(forge.refusal(signed) == .algorithm, "with a good signature")
        let unsigned = signed.split(separator: ".").prefix(2).joined(separator: ".")
        #expect(forge.refusal(unsigned + ".") == .algorithm)
        #expect(forge.refusal(unsigned) == .malformed)
    }

    @Test func hmac_keyedWithOurPublicKey_isRefused() throws {
        let point = [0x04] + forge.publicKey.x + forge.publicKey.y
        let der = hex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + point
        let base64 = Data(der).base64EncodedString()
        let lines = [base64.prefix(64), base64.dropFirst(64)].joined(separator: "\n")
        let pem = "-----BEGIN PUBLIC KEY-----\n\(lines)\n-----END PUBLIC KEY-----"
        let jwk = try #require(try JSONValue(parsing: forge.ring.jwks)["keys"]?.array?.first)
        let secrets: [[UInt8]] = [
            point, der, Array(pem.utf8), Array("\(pem)\n".utf8), Array(" \n\(pem)\n".utf8), forge.ring.jwks,
            Array(Forge.text(jwk.object ?? [:]).utf8), Array(forge.kid.utf8), [],
        ]
        for algorithm in ["HS256", "hs256", "ES256"] {
            var header = forge.header
            header["alg"] = .string(algorithm)
            let input = Forge.encode(Forge.text(header)) + "." + Forge.encode(Forge.text(Forge.payload))
            for secret in secrets {
                let code = try HMACSHA256(key: secret).authenticationCode(for: Array(input.utf8))
                let refusal = forge.refusal(input + "." + Base64URL.encode(code))
                #expect(refusal == (algorithm == "ES256" ? .signature : .algorithm))
            }
        }
    }

    @Test(
        arguments: [
            .string("JWT"), .string("jwt"), .string("AT+JWT"), .string("application/at+jwt"), .string("refresh+jwt"),
            .string(""), .null, .array([.string("at+jwt")]), nil,
        ] as [JSONValue?]
    )
    func type_otherThanAccessToken_isRefused(type: JSONValue?) throws {
        #expect(forge.refusal(try forge.token(header: { $0["typ"] = type })) == .algorithm)
    }

    @Test(
        arguments: [
            .string("' OR 1=1--"), .string("../../dev/null"), .string("a\r\nb"), .string(""), .string("unknown"),
            .string(String(repeating: "k", count: 5000)), .integer(1), .null, .array([]), nil,
        ] as [JSONValue?]
    )
    func keyName_thatIsNotOurs_isRefused(kid: JSONValue?) throws {
        #expect(forge.refusal(try forge.token(header: { $0["kid"] = kid })) == .unknownKey)
    }

    @Test func keyInTheHeader_isIgnored() throws {
        let attacker = try Forge()
        let key = try #require(try JSONValue(parsing: attacker.ring.jwks)["keys"]?.array?.first)
        let additions: [String: JSONValue] = [
            "jwk": key, "x5c": .array([.string("MIIB")]), "jku": .string("http://127.0.0.1:1/"),
            "x5u": .string("file:///etc/passwd"),
        ]
        let add: (inout [String: JSONValue]) -> Void = { $0.merge(additions) { $1 } }
        #expect(forge.refusal(try attacker.token(header: add)) == .unknownKey)
        let forged = try attacker.token(header: { header in
            add(&header)
            header["kid"] = .string(forge.kid)
        })
        #expect(forge.refusal(forged) == .signature)
        #expect(forge.refusal(try forge.token(header: add)) == nil)
    }

    @Test func signature_withAnyBitFlipped_isRefused() throws {
        let (input, signature) = try split(forge.token())
        for bit in 0..<512 {
            var changed = signature
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(forge.refusal(input + "." + Base64URL.encode(changed)) == .signature)
        }
    }

    @Test func signature_ofAnotherFormOrToken_isRefused() throws {
        let (input, signature) = try split(forge.token())
        let (_, other) = try split(forge.token(payload: { $0["roles"] = .array([]) }))
        let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
        let zero = [UInt8](repeating: 0, count: 32)
        let (r, s) = (Array(signature[..<32]), Array(signature[32...]))
        let der = [0x30, 0x46, 0x02, 0x21, 0] + r + [0x02, 0x21, 0] + s
        let wrong = [
            [], zero + zero, zero + s, r + zero, order + s, r + order, order + order, s + r, other, der,
            Array(signature.dropLast()), signature + [0], Array(signature[..<32]), [0] + signature,
        ]
        for signature in wrong {
            #expect(forge.refusal(input + "." + Base64URL.encode(signature)) == .signature)
        }
    }

    @Test func headerOrPayload_withAnyCharacterChanged_isRefused() throws {
        let token = Array(try forge.token().utf8)
        for index in token.indices where token[index] != UInt8(ascii: ".") {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(forge.refusal(String(decoding: changed, as: UTF8.self)) != nil)
        }
    }

    @Test func text_thatIsNoCompactJWS_isRefused() throws {
        let good = try forge.token()
        let parts = good.split(separator: ".").map(String.init)
        let texts: [String] = [
            "", ".", "..", "...", "....", "a", "a.b", "a.b.c", "\(good).", ".\(good)", "\(good).\(parts[2])",
            "\(parts[0]).\(parts[1])", ".\(parts[1]).\(parts[2])",
            "\(good).a.b", " \(good)", "\(good)\n", "\(good)=", "\(parts[0])=.\(parts[1]).\(parts[2])",
            "\(parts[0]).\(parts[1]).+\(parts[2].dropFirst())", "Bearer \(good)", "ü.ü.ü", "\0.\0.\0",
            good.replacing(".", with: "。"), String(repeating: ".", count: 8000),
        ]
        for text in texts { #expect(forge.refusal(text) == .malformed, "\(text.prefix(80))") }
        #expect(forge.refusal("\(parts[0])..\(parts[2])") == .signature, "an empty payload")
    }

    @Test func text_overTheLimit_isRefusedBeforeItIsDecoded() throws {
        let padded = try forge.token(payload: { $0["pad"] = .string(String(repeating: "x", count: 6500)) })
        #expect(padded.utf8.count > 8192)
        let texts = [
            padded, String(repeating: ".", count: 1_000_000), String(repeating: "A", count: 10_000_000) + ".A.A",
        ]
        for text in texts { #expect(forge.refusal(text) == .tooLarge) }
    }

    @Test(arguments: [
        "", "null", "[]", "\"text\"", "1", "{", "{}}", #"{"alg":"ES256","alg":"ES256"}"#, #"{"a":1e400}"#,
        String(repeating: "[", count: 2000), "\u{FEFF}{}",
    ])
    func headerThatIsNoObject_isRefused(header: String) throws {
        #expect(forge.refusal(try forge.token(header: header, payload: Forge.text(Forge.payload))) == .malformed)
    }

    @Test(arguments: [.array([.string("exp")]), .array([]), .null, .string("b64")] as [JSONValue])
    func criticalExtension_isRefused(value: JSONValue) throws {
        #expect(forge.refusal(try forge.token(header: { $0["crit"] = value })) == .malformed)
    }

    @Test func encryptedToken_isRefused() throws {
        let header = #"{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","zip":"DEF","p2c":2147483647,"p2s":"AAAA"}"#
        #expect(forge.refusal(Forge.encode(header) + ".AAAA.AAAA.AAAA.AAAA") == .malformed)
        #expect(forge.refusal(try forge.token(header: header, payload: "{}")) == .algorithm)
    }

    @Test(arguments: [
        "", "null", "[]", #"[{"exp":4000000000}]"#, "\"text\"", "1", "{", "{} {}", #"{"iss":"a","iss":"b"}"#,
        #"{"exp":1e400}"#, #"{"roles":[],"roles":["admin"]}"#,
    ])
    func payloadThatIsNoObject_isRefused(payload: String) throws {
        #expect(forge.refusal(try forge.token(header: Forge.text(forge.header), payload: payload)) == .malformed)
    }

    @Test(arguments: ["iss", "sub", "aud", "exp", "iat", "jti", "sid", "roles", "permissions"])
    func claim_missingOrOfAnotherType_isRefused(claim: String) throws {
        let isList = ["roles", "permissions"].contains(claim)
        let isDate = ["exp", "iat"].contains(claim)
        var values: [JSONValue?] = [nil, .null, .bool(true), .object([:]), .string("")]
        values += isList ? [.array([.string("a"), .integer(1)]), .string("admin"), .integer(1)] : [.array([])]
        if !isDate { values.append(.integer(1)) }
        if isDate {
            values += [
                .string("1800001800"), .integer(-1), .integer(.min), .integer(.max), .integer(253_402_300_800),
                .number(1_800_001_800.5), .number(1e300), .number(-1e300),
            ]
        }
        for value in values {
            #expect(
                forge.refusal(try forge.token(payload: { $0[claim] = value })) == .claims,
                "\(claim): \(value as Any)"
            )
        }
    }

    @Test(arguments: [.integer(-1), .string("0"), .null, .integer(.max)] as [JSONValue])
    func notBefore_ofAnotherType_isRefused(value: JSONValue) throws {
        #expect(forge.refusal(try forge.token(payload: { $0["nbf"] = value })) == .claims)
    }

    @Test(
        arguments: [
            .string(Forge.issuer + "/"), .string("https://ID.example.com"), .string("https://other.example.com"),
            .array([.string(Forge.issuer)]), .string(Forge.issuer + "\0"),
        ] as [JSONValue]
    )
    func issuer_otherThanOurs_isRefused(issuer: JSONValue) throws {
        #expect(forge.refusal(try forge.token(payload: { $0["iss"] = issuer })) == .claims)
    }

    @Test(
        arguments: [
            .string("https://other.example.com"), .string("*"), .array([.string("*")]), .integer(1),
            .array([.string(Forge.audience), .integer(1)]), .string(Forge.audience + "/"),
        ] as [JSONValue]
    )
    func audience_otherThanOurs_isRefused(audience: JSONValue) throws {
        #expect(forge.refusal(try forge.token(payload: { $0["aud"] = audience })) == .claims)
    }

    /// The Kelvin sign equals K for Swift and for nobody else.
    @Test func issuer_thatIsOnlyCanonicallyEquivalent_isRefused() throws {
        let verifier = AccessTokenVerifier(keys: forge.ring, issuer: "https://K", audience: Forge.audience)
        let token = try forge.token(payload: { $0["iss"] = .string("https://\u{212A}") })
        #expect(throws: TokenError.self) { try verifier.verify(token, now: Forge.now) }
    }

    @Test func noRefusal_repeatsTheToken() throws {
        let token = try forge.token(payload: { $0["iss"] = .string("https://evil.example") })
        let error = #expect(throws: TokenError.self) { try forge.verifier.verify(token, now: Forge.now) }
        #expect(error?.description == "claims: iss is another issuer")
    }

    private func split(_ token: String) throws -> (input: String, signature: [UInt8]) {
        let parts = token.split(separator: ".")
        return (parts[0] + "." + parts[1], try #require(Base64URL.decode(parts[2])))
    }
}
