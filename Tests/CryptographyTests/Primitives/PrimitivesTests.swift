// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

@Suite struct PrimitivesTests {
    @Test(arguments: [
        // FIPS 180-4 examples.
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func sha256_ofExamples_isTheirDigest(message: String, digest: String) throws {
        #expect(try SHA256.digest(Array(message.utf8)) == hex(digest))
    }

    @Test(arguments: [
        // RFC 4231 sections 4.2 to 4.4, 4.7 and 4.8.
        (
            String(repeating: "0b", count: 20), "4869205468657265",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            String(repeating: "aa", count: 131),
            "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            String(repeating: "aa", count: 131),
            "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e64"
                + "2061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f2062"
                + "6520686173686564206265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ])
    func hmac_ofRFC4231_isTheirCode(key: String, message: String, code: String) throws {
        let hmac = try HMACSHA256(key: hex(key))
        #expect(try hmac.authenticationCode(for: hex(message)) == hex(code))
        #expect(try hmac.authenticationCode(for: hex(message)) == hex(code), "the second use of one key")
    }

    @Test(arguments: [
        // RFC 5869 appendix A.1 and A.3.
        (
            "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        ),
        ("", "", "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
    ])
    func hkdf_ofRFC5869_isTheirKey(salt: String, info: String, key: String) throws {
        let secret = [UInt8](repeating: 0x0B, count: 22)
        #expect(try HKDFSHA256.derive(from: secret, salt: hex(salt), info: hex(info), count: 42) == hex(key))
    }

    /// "The Galois/Counter Mode of Operation", test cases 13 and 16.
    @Test(arguments: [
        (
            String(repeating: "00", count: 32), String(repeating: "00", count: 12), "", "",
            "530f8afbc74536b9a963b4f1c4cb738b", ""
        ),
        (
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e63"
                + "93ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5"
                + "aa0de657ba637b39"
        ),
    ])
    func gcm_opensPublishedVectors(
        key: String,
        nonce: String,
        data: String,
        ciphertext: String,
        tag: String,
        plaintext: String
    ) throws {
        let sealed = hex(nonce) + hex(ciphertext) + hex(tag)
        #expect(try AESGCM.open(sealed, key: hex(key), associatedData: hex(data)) == hex(plaintext))
    }

    @Test func gcm_whenAnyBitDiffers_refuses() throws {
        let key = try SecureRandom.bytes(32)
        let sealed = try AESGCM.seal(Array("attack at dawn".utf8), key: key, associatedData: [1, 2])
        #expect(try AESGCM.open(sealed, key: key, associatedData: [1, 2]) == Array("attack at dawn".utf8))
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1 << UInt8(index % 8)
            let error = #expect(throws: CryptoError.self) {
                try AESGCM.open(changed, key: key, associatedData: [1, 2])
            }
            #expect(error?.code == .authenticationFailed)
        }
        for wrong in [[], [1], [2, 1]] as [[UInt8]] {
            #expect(throws: CryptoError.self) { try AESGCM.open(sealed, key: key, associatedData: wrong) }
        }
        for count in [0, 11, 12, 27, sealed.count - 1] {
            #expect(throws: CryptoError.self) {
                try AESGCM.open(Array(sealed.prefix(count)), key: key, associatedData: [1, 2])
            }
        }
    }

    @Test(arguments: [0, 16, 31, 33])
    func gcm_whenTheKeyHasAnotherSize_refuses(size: Int) throws {
        let key = [UInt8](repeating: 7, count: size)
        #expect(throws: CryptoError.self) { try AESGCM.seal([1], key: key, associatedData: []) }
        #expect(throws: CryptoError.self) {
            try AESGCM.open([UInt8](repeating: 0, count: 40), key: key, associatedData: [])
        }
    }

    @Test func gcm_whenSealingTheSameTwice_differs() throws {
        let key = try SecureRandom.bytes(32)
        #expect(
            try AESGCM.seal([1], key: key, associatedData: []) != AESGCM.seal([1], key: key, associatedData: [])
        )
    }

    @Test func randomBytes_haveTheCountAndDiffer() throws {
        #expect(try SecureRandom.bytes(0).isEmpty)
        #expect(try Set((0..<100).map { _ in try SecureRandom.bytes(16) }).count == 100)
    }

    @Test func constantTime_comparesBytes() {
        #expect(ConstantTime.equal("", ""))
        #expect(ConstantTime.equal("same", "same"))
        #expect(!ConstantTime.equal("same", "sama"))
        #expect(!ConstantTime.equal("same", "sam"))
        // Canonically equivalent, so that Swift's == takes them for the same.
        #expect(!ConstantTime.equal("K", "\u{212A}"))
    }
}
