// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Models
import Testing

@Suite struct DisplayNameTests {
    @Test(
        arguments: [
            ("Ada Lovelace", "Ada Lovelace"),
            ("Zoë 李 👩‍🚀", "Zoë 李 👩🚀"),
            ("a\u{0}b\r\nc", "abc"),
            ("\u{202E}nimda", "nimda"),
            ("ad\u{200B}min", "admin"),
            ("", nil),
            ("\u{200B}\u{0}", nil),
        ] as [(String, String?)]
    )
    func cleaned_keepsWhatIsShown(text: String, name: String?) {
        #expect(DisplayName.cleaned(text) == name)
    }

    @Test func cleaned_whenTooLong_isCut() {
        let name = DisplayName.cleaned(String(repeating: "e\u{301}", count: 1000))

        #expect(name?.unicodeScalars.count == DisplayName.maximumLength)
    }
}
