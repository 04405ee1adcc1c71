// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Models
import Testing

@Suite struct EmailAddressTests {
    @Test(arguments: [
        ("ada@example.com", "ada@example.com"), ("ADA@Example.COM", "ada@example.com"),
        (" \t\r\nada@example.com\n ", "ada@example.com"),
        ("a+tag.b_c-d@sub.example.co.uk", "a+tag.b_c-d@sub.example.co.uk"),
        ("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"), ("a@b.c", "a@b.c"),
        ("a@xn--exmple-cua.com", "a@xn--exmple-cua.com"), ("1@2.com", "1@2.com"),
    ])
    func init_whenInputIsAnAddress_keepsItTrimmedAndInLowerCase(input: String, text: String) {
        #expect(EmailAddress(input)?.text == text)
        #expect(EmailAddress(input) == EmailAddress(text))
    }

    @Test(arguments: [
        "", " ", "@", "ada", "ada@", "@example.com", "ada@example", "ada@localhost", "ada@@example.com",
        "ada@example.com@example.org", "ada@.com", "ada@example.", "ada@example..com", "ada@-example.com",
        "ada@example-.com", "ada@exa_mple.com", "ada@[192.0.2.1]", "\"ada\"@example.com", "\"a@b\"@example.com",
        "ada lovelace@example.com", "ada@exam ple.com", "ada@example.com\0", "a\nda@example.com",
        "ada@example.com\r\nBcc: b",
        "ada@example.com,b@example.com", "Ada <ada@example.com>", "mailto:ada@example.com", "ada(comment)@example.com",
        "\u{7F}a@example.com",
    ])
    func init_whenInputIsNoAddress_isNil(input: String) {
        #expect(EmailAddress(input) == nil)
    }

    /// Dotless i, long s, the Kelvin sign, a full-width at-sign, é composed and decomposed, a Cyrillic a, zero width, a
    /// direction override, a no-break space, and a domain that is not punycode.
    @Test(arguments: [
        "v\u{131}ctim@example.com", "\u{17F}@example.com", "\u{212A}@example.com", "ada\u{FF20}example.com",
        "\u{E9}@example.com", "e\u{301}@example.com", "ad\u{430}@example.com", "a\u{200B}da@example.com",
        "a\u{202E}da@example.com", "ada@example.com\u{A0}", "ada@ex\u{E4}mple.com", "ada@example\u{3002}com",
    ])
    func init_whenInputHoldsALookAlike_isNil(input: String) {
        #expect(EmailAddress(input) == nil)
    }

    @Test func init_takesUpTo254BytesAndPartsOf64And63() {
        let domain = Array(repeating: String(repeating: "d", count: 61), count: 3).joined(separator: ".")
        func address(_ local: Int, _ rest: String) -> String { String(repeating: "l", count: local) + "@" + rest }

        #expect(address(64, "\(domain).com").utf8.count == 254)
        #expect(EmailAddress(address(64, "\(domain).com")) != nil)
        #expect(EmailAddress(address(64, "\(domain).comm")) == nil)
        #expect(EmailAddress(address(65, "example.com")) == nil)
        #expect(EmailAddress("a@\(String(repeating: "d", count: 63)).com") != nil)
        #expect(EmailAddress("a@\(String(repeating: "d", count: 64)).com") == nil)
    }

    @Test(arguments: ["a@", "a.a.", "(((("])
    func init_ofLongRepeatedInput_isNil(piece: String) {
        #expect(EmailAddress(String(repeating: piece, count: 30_000)) == nil)
    }
}
