// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// SQL in the pieces that PostgreSQL's scanner takes it for, as far as migrations need it: comments are left out, and what
/// stands in quotes is one piece.
struct SQLTokens {
    /// Words, names and texts with their quotes, and each other sign alone.
    private(set) var tokens: [String] = []
    private var rest: ArraySlice<UInt8>

    init(_ sql: String) {
        rest = Array(sql.utf8)[...]
        while let first = rest.first {
            if (9...13).contains(first) || first == UInt8(ascii: " ") {
                rest = rest.dropFirst()
            } else if rest.starts(with: "--".utf8) {
                rest = rest.drop { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            } else if rest.starts(with: "/*".utf8) {
                rest = rest[endOfComment()...]
            } else {
                let end = endOfToken(first)
                tokens.append(String(decoding: rest[..<end], as: UTF8.self))
                rest = rest[end...]
            }
        }
    }

    /// Whether `word`, which is in lower case, is one of them.
    func contains(_ word: String) -> Bool {
        tokens.contains { $0.lowercased() == word }
    }

    private func endOfToken(_ first: UInt8) -> Int {
        switch first {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return endOfQuoted(from: rest.startIndex, hasEscapes: false)
        case UInt8(ascii: "$"): return endOfDollarQuoted()
        case _ where Self.isOfWord(first):
            let end = rest.firstIndex { !Self.isOfWord($0) } ?? rest.endIndex
            guard rest.starts(with: "e'".utf8) || rest.starts(with: "E'".utf8) else { return end }
            return endOfQuoted(from: end, hasEscapes: true)
        default: return rest.startIndex + 1
        }
    }

    /// A quote that is doubled, or escaped in a text that has escapes, is a part of it.
    private func endOfQuoted(from start: Int, hasEscapes: Bool) -> Int {
        let quote = rest[start]
        var index = start + 1
        while index < rest.endIndex {
            if hasEscapes, rest[index] == UInt8(ascii: "\\") {
                index += 2
            } else if rest[index] != quote {
                index += 1
            } else if rest[(index + 1)...].first == quote {
                index += 2
            } else {
                return index + 1
            }
        }
        return rest.endIndex
    }

    /// `$tag$ … $tag$`; `$1` is something else.
    private func endOfDollarQuoted() -> Int {
        let start = rest.startIndex
        guard
            let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "$")),
            rest[(start + 1)..<end].allSatisfy(Self.isOfWord), !(48...57).contains(rest[start + 1])
        else { return start + 1 }
        let mark = rest[start...end]
        var index = end + 1
        while index < rest.endIndex, !rest[index...].starts(with: mark) { index += 1 }
        return min(index + mark.count, rest.endIndex)
    }

    /// Comments may stand in each other.
    private func endOfComment() -> Int {
        var index = rest.startIndex
        var depth = 0
        while index < rest.endIndex {
            if rest[index...].starts(with: "/*".utf8) {
                depth += 1
                index += 2
            } else if rest[index...].starts(with: "*/".utf8) {
                depth -= 1
                index += 2
                if depth == 0 { return index }
            } else {
                index += 1
            }
        }
        return rest.endIndex
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...: true
        default: false
        }
    }
}
