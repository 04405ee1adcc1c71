// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What the log shows of a `User-Agent`.
enum UserAgentText {
    private static let longest = 128
    /// Names and versions have no words as long as this; keys and tokens have, and someone puts them in the wrong field.
    private static let longestWord = 31

    /// The beginning of `text`, with "…" for each word that may be a secret.
    static func shown(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        var word = String.UnicodeScalarView()
        func end(_ word: inout String.UnicodeScalarView, in shown: inout String.UnicodeScalarView) {
            if word.count > longestWord { shown.append("…") } else { shown.append(contentsOf: word) }
            word.removeAll()
        }
        for scalar in text.unicodeScalars {
            // Checked before cutting: the beginning of a secret is one, too.
            if isOfWord(scalar) {
                word.append(scalar)
            } else {
                end(&word, in: &shown)
                shown.append(scalar)
            }
            if shown.count >= longest { break }
        }
        end(&word, in: &shown)
        return String(String.UnicodeScalarView(shown.prefix(longest)))
    }

    private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }
}
