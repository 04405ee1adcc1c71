// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Base64 with the URL-safe alphabet and no padding (RFC 4648 section 5, as RFC 7515 section 2 uses it).
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// The text of `bytes`.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        bytes.withContiguousStorageIfAvailable(encode(contiguous:))
            ?? Array(bytes).withUnsafeBufferPointer(encode(contiguous:))
    }

    /// The bytes of `text`; nil when it holds padding, another character, an impossible length or non-zero spare bits,
    /// so that no two texts stand for the same bytes.
    package static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        text.withContiguousStorageIfAvailable(decode(contiguous:))
            ?? Array(text).withUnsafeBufferPointer(decode(contiguous:))
    }

    /// The bytes of `text`, as ``decode(_:)-sequence`` gives them.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        decode(text.utf8)
    }

    // The work is done on plain memory: through a generic collection every byte costs twenty times as much, and a token
    // check decodes a kilobyte.

    private static func encode(contiguous bytes: UnsafeBufferPointer<UInt8>) -> String {
        alphabet.withUnsafeBufferPointer { alphabet in
            String(unsafeUninitializedCapacity: (bytes.count * 4 + 2) / 3) { text in
                var count = 0
                var buffer: UInt32 = 0
                var bits: UInt32 = 0
                for byte in bytes {
                    buffer = (buffer << 8 | UInt32(byte)) & 0xFFFF
                    bits += 8
                    while bits >= 6 {
                        bits -= 6
                        text[count] = alphabet[Int(buffer >> bits & 0x3F)]
                        count += 1
                    }
                }
                if bits > 0 {
                    text[count] = alphabet[Int(buffer << (6 - bits) & 0x3F)]
                    count += 1
                }
                return count
            }
        }
    }

    private static func decode(contiguous text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var isValid = text.count % 4 != 1
        let decoded = values.withUnsafeBufferPointer { values in
            [UInt8](unsafeUninitializedCapacity: text.count * 3 / 4) { bytes, count in
                var buffer: UInt32 = 0
                var bits: UInt32 = 0
                for character in text {
                    let value = values[Int(character)]
                    isValid = isValid && value != 0xFF
                    buffer = (buffer << 6 | UInt32(value & 0x3F)) & 0xFFFF
                    bits += 6
                    if bits >= 8 {
                        bits -= 8
                        bytes[count] = UInt8(truncatingIfNeeded: buffer >> bits)
                        count += 1
                    }
                }
                isValid = isValid && buffer & (1 << bits - 1) == 0
            }
        }
        return isValid ? decoded : nil
    }
}
