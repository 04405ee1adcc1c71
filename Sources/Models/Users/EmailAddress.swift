// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// An e-mail address in the one form in which it is stored and compared: trimmed and lower-case ASCII.
///
/// Only ASCII is accepted: two addresses that look the same must be the same (CVE-2019-19844 came from case folding of
/// characters that look alike).
package struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    /// The longest address that SMTP can carry (RFC 5321 section 4.5.3.1.3, less the angle brackets).
    package static let maximumLength = 254

    package let text: String

    /// Nil when `input` is no address of the form `local@domain` with a dot-separated domain.
    package init?(_ input: String) {
        // As it is stored already: the addresses of a page need no other form.
        if Self.isAddress(input.utf8.span) {
            text = input
            return
        }
        var address = input.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }[...]
        while let first = address.first, Self.isSpace(first) { address.removeFirst() }
        while let last = address.last, Self.isSpace(last) { address.removeLast() }
        guard Self.isAddress(address.span) else { return nil }
        self.text = String(decoding: address, as: UTF8.self)
    }

    package var description: String { text }

    private static func isAddress(_ text: Span<UInt8>) -> Bool {
        var end = 0
        while end < text.count, isAllowedInLocalPart(text[end]) { end += 1 }
        guard (1...64).contains(end), end < text.count, text[end] == UInt8(ascii: "@") else { return false }

        var labels = 0
        repeat {
            let start = end + 1
            end = start
            while end < text.count, isAllowedInLabel(text[end]) { end += 1 }
            guard (1...63).contains(end - start), text[start] != UInt8(ascii: "-"), text[end - 1] != UInt8(ascii: "-")
            else { return false }
            labels += 1
        } while end < text.count && text[end] == UInt8(ascii: ".")
        return end == text.count && end <= maximumLength && labels >= 2
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    /// RFC 5322 `atext` and the dot; quoted local parts are not accepted.
    private static func isAllowedInLocalPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "?"),
            UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "{")...UInt8(ascii: "~"):
            true
        default: isAllowedInLabel(byte)
        }
    }

    private static func isAllowedInLabel(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
