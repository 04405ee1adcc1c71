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
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let trimmed = Array(input.utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        guard trimmed.count <= Self.maximumLength, trimmed.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }

        let parts = trimmed.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].count), parts[0].allSatisfy(Self.isAllowedInLocalPart) else {
            return nil
        }
        let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy(Self.isDomainLabel) else { return nil }
        self.text = String(decoding: trimmed, as: UTF8.self).lowercased()
    }

    package var description: String { text }

    /// RFC 5322 `atext` and the dot; quoted local parts are not accepted.
    private static func isAllowedInLocalPart(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte)
    }

    private static func isDomainLabel(_ label: some BidirectionalCollection<UInt8>) -> Bool {
        (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
            && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
