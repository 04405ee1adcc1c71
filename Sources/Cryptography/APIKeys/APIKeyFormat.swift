// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The form of API keys: `<prefix>_<secret><checksum>`, after GitHub's.
///
/// The prefix lets scanners find leaked keys, and the checksum lets a mistyped one be refused without the database.
///
/// The secret is 32 random base62 characters (190 bits); the checksum is the CRC-32 of all that stands before it, in 6
/// base62 characters.
package struct APIKeyFormat: Sendable {
    private static let secretSize = 32
    private static let checksumSize = 6

    /// What every key begins with, before the underscore.
    package let prefix: String
    private let start: [UInt8]

    /// The form with the configured prefix, `POSTERN_API_KEY_PREFIX`.
    package init(prefix: String) {
        self.prefix = prefix
        self.start = Array("\(prefix)_".utf8)
    }

    /// A new random key.
    ///
    /// - Throws: ``CryptoError`` when there is no randomness.
    package func generate() throws(CryptoError) -> APIKeySecret {
        let body = start + (try Base62.random(count: Self.secretSize))
        return APIKeySecret(text: String(decoding: body + Self.checksum(of: body), as: UTF8.self))
    }

    /// The key, when `text` has the right prefix, length, alphabet and checksum; nil for anything else.
    package func parse(_ text: String) -> APIKeySecret? {
        guard text.utf8.count == start.count + Self.secretSize + Self.checksumSize else { return nil }
        let bytes = Array(text.utf8)
        let body = bytes.dropLast(Self.checksumSize)
        guard
            body.starts(with: start),
            body.dropFirst(start.count).allSatisfy(Base62.contains),
            bytes.suffix(Self.checksumSize).elementsEqual(Self.checksum(of: body))
        else { return nil }
        return APIKeySecret(text: text)
    }

    private static func checksum(of body: some Sequence<UInt8>) -> [UInt8] {
        Base62.encode(CRC32.checksum(body), count: checksumSize)
    }
}
