// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

@Suite struct JSONWebKeySetTests {
    private static let ec: [String: JSONValue] = [
        "kty": .string("EC"), "crv": .string("P-256"), "kid": .string("k"),
        "x": .string("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
        "y": .string("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
    ]
    private static let rsa: [String: JSONValue] = [
        "kty": .string("RSA"), "kid": .string("r"), "e": .string("AQAB"),
        "n": .string(
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2"
                + "lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTB"
                + "EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk"
                + "2PAcDTW9gb54h4FRWyuXpoQ"
        ),
    ]
    /// RFC 7515 appendix A.3 and A.2: the same payload, signed with either key.
    private static let es256 =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
        + "LmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU"
        + "1Q"
    private static let rs256 =
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
        + "LmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt"
        + "_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0Ga"
        + "rZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXL"
        + "IhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"

    private func keys(_ keys: [String: JSONValue]...) throws -> JSONWebKeySet {
        try JSONWebKeySet(parsing: .object(["keys": .array(keys.map(JSONValue.object))]))
    }

    private func refusal(
        _ token: String,
        _ keys: JSONWebKeySet,
        _ algorithms: Set<JWSAlgorithm> = [.es256, .rs256]
    ) -> TokenError.Code? {
        do {
            _ = try keys.verify(token, algorithms: algorithms)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func examplesOfRFC7515_areVerified() throws {
        for (token, key) in [(Self.es256, Self.ec), (Self.rs256, Self.rsa)] {
            let jws = try keys(key).verify(token, algorithms: [.es256, .rs256])
            #expect(try JSONValue(parsing: jws.payload)["iss"] == .string("joe"))
        }
    }

    @Test func algorithm_notAcceptedByTheCallerOrTheKey_isRefused() throws {
        #expect(refusal(Self.es256, try keys(Self.ec), [.rs256]) == .algorithm)
        #expect(refusal(Self.rs256, try keys(Self.rsa), [.es256, .ps256]) == .algorithm)
        #expect(refusal(Self.es256, try keys(Self.rsa)) == .algorithm)
        var pss = Self.rsa
        pss["alg"] = .string("PS256")
        #expect(refusal(Self.rs256, try keys(pss), [.rs256, .ps256]) == .algorithm)
        pss["alg"] = .string("RS256")
        #expect(refusal(Self.rs256, try keys(pss), [.rs256, .ps256]) == nil)
    }

    @Test func tokenWithoutKeyName_meansTheOneSuitableKey() throws {
        let other = try JSONValue(parsing: Forge().ring.jwks)["keys"]?.array?.first?.object ?? [:]
        #expect(refusal(Self.es256, try keys(Self.rsa, Self.ec)) == nil)
        #expect(refusal(Self.es256, try keys(other, Self.ec)) == .unknownKey)
        #expect(refusal(Self.es256, try keys(Self.ec, Self.ec)) == .unknownKey)
    }

    @Test func tokenWithKeyName_meansThatKeyAlone() throws {
        let forge = try Forge()
        let token = try forge.token()
        let own = try JSONValue(parsing: forge.ring.jwks)["keys"]?.array?.first?.object ?? [:]
        #expect(refusal(token, try keys(own, Self.ec)) == nil)
        #expect(refusal(token, try keys(Self.ec)) == .unknownKey)
        var nameless = own
        nameless["kid"] = nil
        #expect(refusal(token, try keys(nameless)) == .unknownKey)
        var renamed = Self.ec
        renamed["kid"] = .string(forge.kid)
        #expect(refusal(token, try keys(renamed)) == .signature, "a good name on another key")
        #expect(refusal(token, try keys(own, renamed)) == .unknownKey)
        #expect(refusal(try forge.token(header: { $0["kid"] = .integer(1) }), try keys(own)) == .malformed)
    }

    @Test(
        arguments: [
            ("use", .string("enc")), ("use", .null), ("key_ops", .array([.string("encrypt")])),
            ("key_ops", .string("verify")),
            ("alg", .string("HS256")), ("alg", .string("none")), ("alg", .string("RS256")), ("alg", .null),
            ("kty", .string("oct")), ("kty", .string("OKP")), ("kty", nil), ("crv", .string("P-384")), ("crv", nil),
            ("kid", .integer(1)), ("x", nil), ("x", .string("AAAA")), ("y", .integer(1)),
            ("y", .string("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1")),
        ] as [(String, JSONValue?)]
    )
    func ecKey_thatIsNotForUs_isIgnored(member: String, value: JSONValue?) throws {
        var key = Self.ec
        key[member] = value
        #expect(try keys(key).isEmpty)
        #expect(refusal(Self.es256, try keys(key, Self.ec)) == nil)
    }

    @Test(
        arguments: [
            ("e", .string("AQ")), ("e", .string("AAAA")), ("e", .string("Ag")), ("e", .string("")), ("e", nil),
            ("e", .string("AQAAAAAAAAAB")), ("n", .string("AQAB")), ("n", nil), ("n", .string("")),
            // 1024 bits, 2047 bits, 2048 bits and even, 16384 bits.
            ("n", .string(Base64URL.encode([UInt8](repeating: 0xFF, count: 128)))),
            ("n", .string(Base64URL.encode([0x7F] + [UInt8](repeating: 0xFF, count: 255)))),
            ("n", .string(Base64URL.encode([UInt8](repeating: 0xFE, count: 256)))),
            ("n", .string(Base64URL.encode([UInt8](repeating: 0xFF, count: 2048)))),
            ("alg", .string("ES256")), ("alg", .string("RS1")), ("use", .string("enc")),
        ] as [(String, JSONValue?)]
    )
    func rsaKey_thatIsNotForUs_isIgnored(member: String, value: JSONValue?) throws {
        #expect(try !keys(Self.rsa).isEmpty)
        var key = Self.rsa
        key[member] = value
        #expect(try keys(key).isEmpty)
    }

    @Test(
        arguments: [
            .null, .array([]), .object([:]), .object(["keys": .object([:])]), .string("keys"),
            .object(["keys": .array([JSONValue](repeating: .null, count: 101))]),
        ] as [JSONValue]
    )
    func documentThatIsNoKeySet_isRefused(document: JSONValue) {
        let error = #expect(throws: TokenError.self) { try JSONWebKeySet(parsing: document) }
        #expect(error?.code == .malformed)
    }

    @Test func setOfStrangeKeys_isEmpty() throws {
        let strange: [JSONValue] = [.null, .integer(1), .array([]), .object([:]), .string("key")]
        #expect(try JSONWebKeySet(parsing: .object(["keys": .array(strange)])).isEmpty)
    }

    @Test func tokenOverTheLimit_isRefused() throws {
        #expect(refusal(Self.es256 + String(repeating: "A", count: 16_384), try keys(Self.ec)) == .tooLarge)
    }
}
