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

    /// Too short, too long, spare bits, padding, another alphabet.
    @Test(arguments: [
        "", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAAA==",
        "AAAAAAAAAAAAAAAAAAAA+A", "' or 1=1 --           ",
    ])
    func init_ofAnotherText_isNil(text: String) {
        #expect(Cursor(text) == nil)
    }
}
