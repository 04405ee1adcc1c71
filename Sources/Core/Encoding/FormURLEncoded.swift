// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The format `application/x-www-form-urlencoded`, for bodies and for the query of a URL.
package enum FormURLEncoded {
    /// A name and its value, both as they are before encoding.
    package typealias Field = (name: String, value: String)

    private static let digits = Array("0123456789ABCDEF".utf8)

    /// `name=value` pairs joined by `&`, in the order of `fields`.
    package static func encode(_ fields: [Field]) -> String {
        fields.map { "\(encode($0.name))=\(encode($0.value))" }.joined(separator: "&")
    }

    /// `text` with every byte but the unreserved characters of RFC 3986 section 2.3 as `%XX`; a space is `%20`, which
    /// readers of forms and of URLs both understand.
    package static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.append(byte)
            default:
                encoded.append(contentsOf: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0x0F)]])
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The `name=value` pairs of `text`, in their order; a plus is a space.
    ///
    /// A `%` that no two digits follow stands for itself, and bytes that are no UTF-8 for U+FFFD, as browsers read it
    /// (https://url.spec.whatwg.org, "application/x-www-form-urlencoded parsing").
    package static func decode(_ text: Substring) -> [Field] {
        text.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (name: decodePart(parts[0]), value: parts.count > 1 ? decodePart(parts[1]) : "")
        }
    }

    private static func decodePart(_ part: Substring.UTF8View) -> String {
        var decoded: [UInt8] = []
        var rest = part
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                if let value = Hex.decode(rest.prefix(2))?.first {
                    decoded.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    decoded.append(byte)
                }
            default:
                decoded.append(byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
