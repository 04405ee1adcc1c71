// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials
import Schemas
import Testing

@Suite struct CursorTests {
    @Test(arguments: [
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "0198c0a8-7f3e-7abc-8def-0123456789ab",
    ])
    func init_ofItsText_isTheSamePlace(id: String) throws {
        let uuid = try #require(UUID(uuidString: id))
        let cursor = Cursor(after: uuid)
        #expect(cursor.text.utf8.count == 22)
        #expect(Cursor(cursor.text)?.uuid == uuid)
    }

    @Test(arguments: ["a", "ada lovelace", "é\u{1F680}", String(repeating: "\u{1F680}", count: 100)])
    func init_ofItsTextWithATerm_isTheSamePlace(term: String) {
        let cursor = Cursor(after: UUID.v7(at: Timestamp(seconds: 1_800_000_000)), term: term)
        #expect(Cursor(cursor.text) == cursor)
        #expect(cursor.text.contains(/^[A-Za-z0-9_-]+$/))
    }

    /// PostgreSQL takes neither in a text.
    @Test(arguments: [[0], [0x61, 0], [0x1F], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]] as [[UInt8]])
    func init_ofATermThatIsNoText_isNil(term: [UInt8]) {
        #expect(Cursor(Base64URL.encode([UInt8](repeating: 7, count: 16) + term)) == nil)
    }

    @Test func init_ofATermLongerThanAny_isNil() {
        let bytes = [UInt8](repeating: 0x61, count: 16 + 400)
        #expect(Cursor(Base64URL.encode(bytes)) != nil)
        #expect(Cursor(Base64URL.encode(bytes + [0x61])) == nil)
    }

    /// Too short, spare bits, padding, another alphabet.
    @Test(arguments: [
        "", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAAA==",
        "AAAAAAAAAAAAAAAAAAAA+A", "' or 1=1 --           ",
    ])
    func init_ofAnotherText_isNil(text: String) {
        #expect(Cursor(text) == nil)
    }
}
