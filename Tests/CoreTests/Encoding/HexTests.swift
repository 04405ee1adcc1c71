// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct HexTests {
    @Test func encode_isLowerCaseWithTwoDigitsAByte() {
        #expect(Hex.encode([0x00, 0x0F, 0xA0, 0xFF]) == "000fa0ff")
        #expect(Hex.encode([]) == "")
    }

    @Test func decode_takesEitherCase() {
        #expect(Hex.decode("000fA0fF".utf8) == [0x00, 0x0F, 0xA0, 0xFF])
        #expect(Hex.decode("".utf8) == [])
    }

    @Test(arguments: ["0", "000", "0g", "g0", "0x", " 0", "00 ", "-1", "０0"])
    func decode_whenTextIsNotHexadecimal_isNil(text: String) {
        #expect(Hex.decode(text.utf8) == nil)
    }

    @Test func decode_ofEveryByte_givesWhatWasEncoded() {
        let bytes = Array(UInt8.min...UInt8.max)
        #expect(Hex.decode(Hex.encode(bytes).utf8) == bytes)
    }
}
