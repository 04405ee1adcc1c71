// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct Base64URLTests {
    /// RFC 4648 section 10, without padding; then the characters in which the URL-safe alphabet differs.
    static let vectors: [(bytes: [UInt8], text: String)] = [
        ([], ""), (Array("f".utf8), "Zg"), (Array("fo".utf8), "Zm8"), (Array("foo".utf8), "Zm9v"),
        (Array("foob".utf8), "Zm9vYg"), (Array("fooba".utf8), "Zm9vYmE"), (Array("foobar".utf8), "Zm9vYmFy"),
        ([0xFB, 0xEF, 0xBE], "----"), ([0xFF, 0xFF, 0xFF], "____"), ([0], "AA"), ([0xFF], "_w"),
    ]

    @Test(arguments: vectors)
    func encodeAndDecode_ofTheVectors_giveEachOther(bytes: [UInt8], text: String) {
        #expect(Base64URL.encode(bytes) == text)
        #expect(Base64URL.decode(text) == bytes)
    }

    @Test func decode_ofEveryLength_givesWhatWasEncoded() {
        for count in 0...100 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + count) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }

    @Test(arguments: [
        "A", "AAAAA", "Zg==", "Zm8=", "Zg=", "====", "Zm+v", "Zm/v", "Zm 9v", " Zg", "Zg ", "Zg\n", "Z\0", "Zm9v!",
        "Zé",
        // The spare bits are not zero: RFC 4648 section 3.5.
        "Zh", "Zm9", "_x", "AB", "AAB",
    ])
    func decode_whenTextIsNotCanonical_isNil(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func decode_ofASequenceWithoutStorage_isTheSame() {
        #expect(Base64URL.decode("Zm9vYmFy".utf8.lazy.map { $0 }) == Array("foobar".utf8))
        #expect(Base64URL.encode("foobar".utf8.lazy.map { $0 }) == "Zm9vYmFy")
    }
}
