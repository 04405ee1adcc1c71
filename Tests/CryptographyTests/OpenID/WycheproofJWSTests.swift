// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

@Suite(.enabled(if: TestVectors.arePresent, Comment(rawValue: TestVectors.absence)))
struct WycheproofJWSTests {
    @Test func rsaSignatures_haveTheirResult() throws {
        var count = 0
        for group in try TestVectors.groups("rsa_signature_2048_sha256_test.json") {
            let numbers = try #require(group["publicKey"])
            let key = try RSAPublicKey(modulus: numbers.hex("modulus"), exponent: numbers.hex("publicExponent"))
            for test in group["tests"]?.array ?? [] {
                let isValid = key.isValid(signature: test.hex("sig"), for: test.hex("msg"), algorithm: .rs256)
                // "acceptable" is a padding without the NULL, which PKCS #1 forbids.
                #expect(isValid == (test["result"] == .string("valid")), "\(test)")
                count += 1
            }
        }
        #expect(count == 259)
    }

    @Test(arguments: [
        ("json_web_signature_test.json", 401), ("json_web_key_test.json", 26), ("json_web_crypto_test.json", 83),
    ])
    func tokens_haveTheirResult(file: String, total: Int) throws {
        var count = 0
        for group in try TestVectors.groups(file) {
            let key = group["public"] ?? group["private"] ?? .null
            let set = key["keys"] == nil ? JSONValue.object(["keys": .array([key])]) : key
            let keys = try JSONWebKeySet(parsing: set)
            for test in group["tests"]?.array ?? [] {
                count += 1
                let token = test["jws"] ?? test["jwe"] ?? .null
                let isAccepted = (try? keys.verify(token.string ?? "", algorithms: Set(JWSAlgorithm.allCases))) != nil
                let isExpected = test["result"] == .string("valid") && isSupported(token, keys: set)
                // A weak key generator is the issuer's to fix; finding its keys is not worth the code.
                let isWeakGenerator = test["comment"] == .string("rejectsKeyWithRocaVulnerability")
                #expect(isAccepted == (isExpected || isWeakGenerator), "\(test)")
            }
        }
        #expect(count == total)
    }

    /// Whether the token has an algorithm that is supported here and that its key is for: some keys of the vectors name
    /// another one, which their authors let pass.
    private func isSupported(_ token: JSONValue, keys: JSONValue) -> Bool {
        guard
            let part = token.string?.split(separator: ".", omittingEmptySubsequences: false).first,
            let header = Base64URL.decode(part),
            let name = (try? JSONValue(parsing: header))?["alg"]?.string
        else { return false }
        let named = keys["keys"]?.array?.compactMap { $0["alg"]?.string } ?? []
        return JWSAlgorithm(rawValue: name) != nil && named.contains(name)
    }
}
