// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

@Suite struct APIKeyFormatTests {
    private let format = APIKeyFormat(prefix: "pst")

    // The checksums come from zlib.
    @Test(arguments: [
        ("pst", "pst_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0fdJTd"), ("pst", "pst_0123456789abcdefghijABCDEFGHIJzZ0HbknQ"),
        ("ab12", "ab12_ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ3RaZhO"),
        ("pst", "pst_MxnO4EwsT8MezN5TWpzQOnG4TTg9Gjyi00qiNk"),
    ])
    func key_withTheRightChecksum_isParsed(prefix: String, text: String) throws {
        let key = try #require(APIKeyFormat(prefix: prefix).parse(text))
        #expect(key.text.exposed == text)
        #expect(key.lastFour == text.suffix(4))
        #expect(!"\(key)".contains(text.suffix(20)))
    }

    @Test func generatedKey_isParsedAndNeverTheSame() throws {
        let keys = try (0..<200).map { _ in try format.generate().text.exposed }
        #expect(Set(keys).count == 200)
        #expect(keys.allSatisfy { $0.utf8.count == 42 && $0.hasPrefix("pst_") && format.parse($0) != nil })
    }

    @Test func generatedKeys_useEveryCharacterEqually() throws {
        let characters = try (0..<2000).flatMap { _ in try format.generate().text.exposed.utf8.dropFirst(4).prefix(32) }
        let counts = characters.reduce(into: [UInt8: Int]()) { $0[$1, default: 0] += 1 }
        let expected = Double(characters.count) / 62
        #expect(counts.count == 62)
        // Six standard deviations; taking the remainder of every byte would put eight characters 20 above.
        #expect(counts.values.allSatisfy { abs(Double($0) - expected) < 6 * expected.squareRoot() })
    }

    @Test func key_withAnyCharacterChanged_isRefused() throws {
        let text = Array(try format.generate().text.exposed)
        for index in text.indices {
            for character in "0aZ_" where text[index] != character {
                var changed = text
                changed[index] = character
                #expect(format.parse(String(changed)) == nil)
            }
        }
        for index in 4..<text.count - 1 where text[index] != text[index + 1] {
            var swapped = text
            swapped.swapAt(index, index + 1)
            #expect(format.parse(String(swapped)) == nil, "two neighbours exchanged")
        }
    }

    @Test func key_ofAnotherForm_isRefused() throws {
        let good = try format.generate().text.exposed
        let body = String(good.dropFirst(4))
        let others: [String] = [
            "", "pst_", "pst", "_", "\(good)0", String(good.dropLast()), " \(good)", "\(good)\n", "\(good) ",
            "Bearer \(good)", "PST_\(body)", "pst-\(body)", "abc_\(body)", "pst＿\(body)", body,
            "pst_" + String(repeating: "é", count: 19), String(repeating: "a", count: 1_000_000),
        ]
        for text in others { #expect(format.parse(text) == nil, "\(text.prefix(80))") }
    }

    @Test func hash_isTheKeyedDigestOfTheText() throws {
        // The expected code comes from another implementation of HKDF and HMAC.
        let secret = try MasterSecret(base64: "Kl7askP+DAvEdEWv4ujDX4N2RhFbEJgsswZiqzmi6KQ=")
        let hasher = try APIKeyHasher(key: secret.key(for: .apiKeyHashing))
        let key = try #require(format.parse("pst_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0fdJTd"))
        #expect(try hasher.hash(key) == hex("503513ff343a6967ca7d615708a3d7234eb46d856fa333a79c50fa1f387915c3"))
    }
}
