// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Text of digits and letters only: a double click selects it whole, and no shell or URL changes it.
enum Base62 {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    static func contains(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default:
            false
        }
    }

    /// `count` characters, each equally likely.
    static func random(count: Int) throws(CryptoError) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(count)
        while text.count < count {
            // 248 is the largest multiple of 62: the remainder of a byte above it would favour the first characters.
            let bytes = try SecureRandom.bytes(count).filter { $0 < 248 }
            text.append(contentsOf: bytes.prefix(count - text.count).map { alphabet[Int($0 % 62)] })
        }
        return text
    }

    /// `value` in `count` digits, the most significant first and zeros in front.
    static func encode(_ value: UInt32, count: Int) -> [UInt8] {
        var digits: [UInt8] = []
        var rest = value
        for _ in 0..<count {
            digits.append(alphabet[Int(rest % 62)])
            rest /= 62
        }
        return digits.reversed()
    }
}
