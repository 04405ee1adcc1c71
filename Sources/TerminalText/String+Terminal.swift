// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Text from anywhere, made fit for a terminal.
///
/// Names come from people and from identity providers; a terminal obeys what it is sent.
extension String {
    /// The text with everything that a terminal would obey, hide or reorder written as JSON writes it: `\u001b`.
    ///
    /// Only characters of `kept` stay what they are. JSON stays JSON with the same meaning.
    package func escapedForTerminal(keeping kept: Set<Unicode.Scalar> = []) -> String {
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isHarmless || kept.contains(scalar) {
                text.unicodeScalars.append(scalar)
            } else {
                text += scalar.utf16.map { "\\u" + Hex.encode([UInt8($0 >> 8), UInt8($0 & 0xFF)]) }.joined()
            }
        }
        return text
    }

    /// How many columns the text takes on a terminal.
    package var terminalWidth: Int {
        reduce(0) { $0 + $1.terminalWidth }
    }
}

extension Unicode.Scalar {
    /// Neither a control character nor one that reorders or hides others.
    fileprivate var isHarmless: Bool {
        if (0x20..<0x7F).contains(value) { return true }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }

    /// Takes two columns: East Asian Width W and F (Unicode Standard Annex 11), without what emoji say for themselves.
    fileprivate var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF,
            0x1F200...0x1F265, 0x20000...0x3FFFD:
            true
        default: properties.isEmojiPresentation
        }
    }
}

extension Character {
    /// A character is as wide as what it begins with; what follows combines with it.
    fileprivate var terminalWidth: Int {
        guard let first = unicodeScalars.first else { return 0 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: return first.isWide || unicodeScalars.contains("\u{FE0F}") ? 2 : 1
        }
    }
}
