// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

@Suite struct ES256Tests {
    // RFC 7515 appendix A.3, and its key as other programs write it.
    static let x = Base64URL.decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU") ?? []
    static let y = Base64URL.decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0") ?? []
    static let pkcs8 =
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LKhRAN"
        + "CAAR_zc4ncPbEXUGDy-5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt-hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt"
    static let sec1 =
        "MHcCAQEEII6bEJ5xkJi_mASH3x9dd-nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49AwEHoUQDQgAEf83OJ3D2xF1Bg8vub9t"
        + "Le1gHMzV76e8Tus9uPHvRVEXH8UTNG72bfocs3-257rn0s2ldbqkLJK2KRiMohYjlrQ"
    static let p384 =
        "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAq1SpjOsfCtKhZANiAATYoX5VuOL0e8Np_ZYWaVzic9zk4weDCmX1pKmqiWfJh67qetNlZ3oTv9ZcP-WmaTm9xTVCxSE6UTRduoIg"
        + "q7I8cWWaTYULO7r_jQNb0IpZ6zIJnJapBJ5NfUNc9nVxO8g"
    static let secp256k1 =
        "MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAq1SpjOsfCtKhRANCA"
        + "ASZwSbaIDl1WPI2WHZMOnxYPbf_cG6TmBzBcOJ8qDNiATdRAH8CjwIbSh_0KsbSkWbGvOEPXMsupTcPf1ultyls"

    @Test func privateKey_isReadAndWrittenAsPKCS8() throws {
        let der = try #require(Base64URL.decode(Self.pkcs8))
        let key = try ES256PrivateKey(derPKCS8: der)
        #expect(key.publicKey.x == Self.x && key.publicKey.y == Self.y)
        #expect(try key.derPKCS8() == der)
        #expect(try key.publicKey.isValid(signature: key.sign([1, 2, 3]), for: [1, 2, 3]))
    }

    @Test func publicKey_isNamedByItsThumbprint() throws {
        // The expected name comes from another implementation of RFC 7638.
        let key = try ES256PublicKey(x: Self.x, y: Self.y)
        #expect(key.kid == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")
    }

    @Test(arguments: [sec1, p384, secp256k1, "", "AAAA", pkcs8 + "AAAA", String(pkcs8.dropLast(8))])
    func privateKey_ofAnotherFormOrCurve_isRefused(text: String) throws {
        let der = try #require(Base64URL.decode(text))
        let error = #expect(throws: CryptoError.self) { try ES256PrivateKey(derPKCS8: der) }
        #expect(error?.code == .invalidKey)
    }

    /// The private number of one key with the point of another.
    @Test func privateKey_whoseHalvesDoNotMatch_isRefused() throws {
        var der = try ES256PrivateKey.generate().derPKCS8()
        let other = try ES256PrivateKey.generate().derPKCS8()
        der.replaceSubrange(36..<68, with: other[36..<68])
        #expect(throws: CryptoError.self) { try ES256PrivateKey(derPKCS8: der) }
    }

    @Test func publicKey_whenNoPointOfTheCurve_isRefused() throws {
        let zero = [UInt8](repeating: 0, count: 32)
        let large = [UInt8](repeating: 0xFF, count: 32)
        var nearby = Self.y
        nearby[31] ^= 1
        for (x, y) in [
            (Self.x, nearby), (Self.y, Self.x), (zero, zero), (large, Self.y), (Self.x, large), ([], []),
            (Array(Self.x.dropLast()), Self.y), ([0] + Self.x, Self.y),
        ] {
            let error = #expect(throws: CryptoError.self) { try ES256PublicKey(x: x, y: y) }
            #expect(error?.code == .invalidKey)
        }
    }

    @Test func signature_ofAnotherMessageOrKeyOrForm_isRefused() throws {
        let key = try ES256PrivateKey.generate()
        let message = Array("message".utf8)
        let signature = try key.sign(message)
        #expect(signature.count == 64)
        #expect(key.publicKey.isValid(signature: signature, for: message))
        #expect(!key.publicKey.isValid(signature: signature, for: message + [0]))
        #expect(!(try ES256PrivateKey.generate().publicKey.isValid(signature: signature, for: message)))
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 1 << UInt8(index % 8)
            #expect(!key.publicKey.isValid(signature: changed, for: message))
        }
        for wrong in [[], Array(signature.dropLast()), signature + [0], [0] + signature] {
            #expect(!key.publicKey.isValid(signature: wrong, for: message))
        }
    }

    @Test func oneKey_usedByManyTasks_signsAndChecks() async throws {
        let key = try ES256PrivateKey.generate()
        let good = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<8 {
                group.addTask {
                    try (0..<100).count { round in
                        let message = Array("\(task) \(round)".utf8)
                        return try key.publicKey.isValid(signature: key.sign(message), for: message)
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(good == 800)
    }

    @Test(.enabled(if: TestVectors.arePresent, Comment(rawValue: TestVectors.absence)))
    func wycheproofVectors_haveTheirResult() throws {
        var count = 0
        for group in try TestVectors.groups("ecdsa_secp256r1_sha256_p1363_test.json") {
            let point = try #require(group["publicKey"]).hex("uncompressed")
            let key = try ES256PublicKey(x: Array(point[1..<33]), y: Array(point[33...]))
            for test in group["tests"]?.array ?? [] {
                let isValid = key.isValid(signature: test.hex("sig"), for: test.hex("msg"))
                #expect(isValid == (test["result"] == .string("valid")), "\(test)")
                count += 1
            }
        }
        #expect(count == 262)
    }
}

extension Sequence {
    fileprivate func count(where isCounted: (Element) throws -> Bool) rethrows -> Int {
        try reduce(0) { try $0 + (isCounted($1) ? 1 : 0) }
    }
}
