// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The text form of RFC 9562 section 4.
///
/// By hand, because FoundationEssentials goes through `printf` and `scanf`, and every request reads and writes some ids.
extension UUID {
    private static let digits = Array("0123456789abcdef".utf8)

    /// The text in lower case.
    package var lowercased: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the text in lower case: 36 bytes.
    package func append(to text: inout [UInt8]) {
        withUnsafeBytes(of: uuid) { octets in
            for (index, octet) in octets.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
                text.append(Self.digits[Int(octet >> 4)])
                text.append(Self.digits[Int(octet & 0x0F)])
            }
        }
    }

    /// Reads the text in either case; nil for anything else.
    package init?(text: some Collection<UInt8>) {
        guard text.count == 36 else { return nil }
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        for (index, character) in text.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard character == UInt8(ascii: "-") else { return nil }
            } else {
                digits.append(character)
            }
        }
        guard let octets = Hex.decode(digits) else { return nil }
        self.init(uuid: octets.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) })
    }
}
