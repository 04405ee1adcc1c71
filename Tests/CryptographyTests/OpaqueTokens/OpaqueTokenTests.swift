// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

@Suite struct OpaqueTokenTests {
    @Test func generatedToken_isParsedAndNeverTheSame() throws {
        let tokens = try (0..<100).map { _ in try OpaqueToken.generate() }
        #expect(Set(tokens.map(\.text.exposed)).count == 100)
        for token in tokens {
            #expect(token.text.exposed.utf8.count == 43)
            #expect(OpaqueToken.parse(token.text.exposed)?.text.exposed == token.text.exposed)
            #expect(!"\(token)".contains(token.text.exposed))
        }
    }

    @Test func text_ofAnotherForm_isRefused() throws {
        let good = try OpaqueToken.generate().text.exposed
        let shorter = String(good.dropLast())
        let others: [String] = [
            "", "\(good)A", "\(good)=", " \(shorter)", shorter,
            // 32 bytes leave two spare bits, which must be zero: or else four texts would be one token.
            "\(shorter)B", String(repeating: "+", count: 43), String(repeating: "A", count: 1_000_000),
        ]
        for text in others { #expect(OpaqueToken.parse(text) == nil, "\(text.prefix(80))") }
    }

    @Test func hash_dependsOnTheTokenAndThePurpose() throws {
        let secret = try MasterSecret(base64: MasterSecret.generate())
        let refresh = try OpaqueTokenHasher(key: secret.key(for: .refreshTokenHashing))
        let link = try OpaqueTokenHasher(key: secret.key(for: .signInLinkHashing))
        let token = try OpaqueToken.generate()
        let hash = try refresh.hash(token)
        #expect(hash.count == 32)
        #expect(try refresh.hash(token) == hash)
        #expect(try link.hash(token) != hash)
        #expect(try refresh.hash(.generate()) != hash)
    }
}
