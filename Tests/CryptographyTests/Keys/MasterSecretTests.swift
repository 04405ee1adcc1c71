// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

@Suite struct MasterSecretTests {
    @Test func keys_areThoseOfHKDF() throws {
        // The expected keys come from another implementation of RFC 5869.
        let secret = try MasterSecret(base64: "Kl7askP+DAvEdEWv4ujDX4N2RhFbEJgsswZiqzmi6KQ=")
        #expect(
            try secret.key(for: .signingKeyWrapping).bytes.exposed
                == hex("7444f30fc2b870e4b91499ceceeb755c55d9d9e147f9d5072f005aa628a7758f")
        )
        #expect(
            try secret.key(for: .apiKeyHashing).bytes.exposed
                == hex("961b19f9c527ffbc7fd5ac098515fc1d40c39a6900c9f3851c90dfd585f5cd38")
        )
    }

    @Test func keys_ofTwoPurposes_differ() throws {
        let secret = try MasterSecret(base64: MasterSecret.generate())
        let keys = try DerivedKey.Purpose.allCases.map { try secret.key(for: $0).bytes.exposed }
        #expect(Set(keys).count == DerivedKey.Purpose.allCases.count)
        #expect(keys.allSatisfy { $0.count == 32 })
    }

    @Test(arguments: [
        "Kl7askP+DAvEdEWv4ujDX4N2RhFbEJgsswZiqzmi6KQ", "Kl7askP-DAvEdEWv4ujDX4N2RhFbEJgsswZiqzmi6KQ",
        "Kl7askP-DAvEdEWv4ujDX4N2RhFbEJgsswZiqzmi6KQ=",
    ])
    func secret_inAnotherFormOfBase64_isTheSame(text: String) throws {
        let secret = try MasterSecret(base64: "Kl7askP+DAvEdEWv4ujDX4N2RhFbEJgsswZiqzmi6KQ=")
        #expect(
            try MasterSecret(base64: text).key(for: .loginState).bytes.exposed
                == secret.key(for: .loginState).bytes.exposed
        )
    }

    @Test(arguments: [
        ("", MasterSecretError.missing),
        ("not base64 at all, and rather long, is it not", .notBase64),
        ("Kl7askP+DAvEdEWv4ujDX4N2RhFbEJgsswZiqzmi6KQ===", .notBase64),
        ("Kl7askP+DAvEdEWv4ujDX4N2RhFbEJgsswZiqzmi6A", .tooShort),
        ("AAAA", .tooShort),
        (Base64URL.encode([UInt8](repeating: 0, count: 32)), .repetitive),
        (Base64URL.encode([UInt8](repeating: 0xA5, count: 64)), .repetitive),
        (Base64URL.encode((0..<5).flatMap { _ in "8letters".utf8 }), .repetitive),
        (Base64URL.encode(Array(0..<32)), .repetitive),
        (Base64URL.encode((0..<40).map { 255 - 3 * $0 }), .repetitive),
        ("change-me-to-32-random-bytes-in-base64-please", .sampleValue),
        ("ChangeMe", .sampleValue),
        (Base64URL.encode("this is my secret password, and it is not random".utf8), .sampleValue),
    ])
    func secret_whenNotRandom_isRefused(text: String, error: MasterSecretError) {
        #expect(throws: error) { try MasterSecret(base64: text) }
        #expect(!error.description.contains("Kl7"))
    }

    @Test func nothing_printsTheSecret() throws {
        let text = try MasterSecret.generate()
        let secret = try MasterSecret(base64: text)
        let key = try secret.key(for: .loginState)
        #expect("\(secret)".contains("[redacted]") && "\(key)".contains("[redacted]"))
        var dumped = ""
        dump(secret, to: &dumped)
        dump(key, to: &dumped)
        #expect(!dumped.contains("UInt8") && !dumped.contains("element"))
    }
}
