// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import TerminalText
import Testing

struct TerminalEscapeTests {
    @Test(arguments: ["", "plain", "Ünïcödé 漢字 عربى", "👩🏽 ✔\u{FE0F}", "C:\\n \"quoted\""])
    func escapedForTerminal_whenThereIsNothingToEscape_changesNothing(text: String) {
        #expect(text.escapedForTerminal() == text)
    }

    @Test
    func escapedForTerminal_writesWhatAnyUnicodePlaneHidesAsJSONDoes() {
        // A tag character, which is shown as nothing, lies beyond 16 bits.
        let text = "\u{E0041}\u{200B}\u{2028}\u{E000}\u{0}"

        #expect(text.escapedForTerminal() == #"\udb40\udc41\u200b\u2028\ue000\u0000"#)
    }

    @Test
    func escapedForTerminal_keepsWhatItIsTold_andNothingElse() {
        #expect("a\nb\r\u{1B}".escapedForTerminal(keeping: ["\n"]) == "a\nb" + #"\u000d\u001b"#)
        // One Character, two scalars: the line's end must not take the carriage return along.
        #expect("\r\n".escapedForTerminal(keeping: ["\n"]) == #"\u000d"# + "\n")
    }
}
