// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The text form of RFC 9562 section 4.
///
/// By hand, because FoundationEssentials goes through `printf` and `scanf`, and a request reads and writes a hundred ids.
extension UUID {
    /// The text in lower case.
    package var lowercased: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the text in lower case: 36 bytes.
    package func append(to text: inout [UInt8]) {
        var position = text.count
        text.append(contentsOf: "00000000-0000-0000-0000-000000000000".utf8)
        var form = text.mutableSpan
        withUnsafeBytes(of: uuid) { octets in
            for index in octets.indices {
                if Self.hasHyphenBefore(octet: index) { position += 1 }
                form[position] = Hex.digit(octets[index] >> 4)
                form[position + 1] = Hex.digit(octets[index] & 0x0F)
                position += 2
            }
        }
    }

    /// Reads the text in either case; nil for anything else.
    package init?(text: Span<UInt8>) {
        guard text.count == 36 else { return nil }
        var octets: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let isValid = withUnsafeMutableBytes(of: &octets) { octets in
            var position = 0
            for index in octets.indices {
                if Self.hasHyphenBefore(octet: index) {
                    guard text[position] == UInt8(ascii: "-") else { return false }
                    position += 1
                }
                guard let octet = Hex.byte(text, at: position) else { return false }
                octets[index] = octet
                position += 2
            }
            return true
        }
        guard isValid else { return nil }
        self.init(uuid: octets)
    }

    private static func hasHyphenBefore(octet index: Int) -> Bool {
        index == 4 || index == 6 || index == 8 || index == 10
    }
}
