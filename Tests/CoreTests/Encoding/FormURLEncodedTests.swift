// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct FormURLEncodedTests {
    @Test(arguments: [
        ("", ""),
        ("azAZ09-._~", "azAZ09-._~"),
        ("a b+c", "a%20b%2Bc"),
        ("&=?#/%", "%26%3D%3F%23%2F%25"),
        ("é\r\n", "%C3%A9%0D%0A"),
    ])
    func encode_keepsUnreservedCharactersAlone(text: String, encoded: String) {
        #expect(FormURLEncoded.encode(text) == encoded)
    }

    @Test func encode_keepsTheOrderOfFields() {
        #expect(FormURLEncoded.encode([("b", "1"), ("a", "2"), ("b", "3")]) == "b=1&a=2&b=3")
        #expect(FormURLEncoded.encode([FormURLEncoded.Field]()) == "")
    }
}
