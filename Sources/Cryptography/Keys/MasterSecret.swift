// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The secret that every other key is derived from: the setting `POSTERN_SECRET`.
package struct MasterSecret: Sendable {
    /// Bytes that a secret must have at least.
    package static let minimumSize = 32

    private let bytes: Redacted<[UInt8]>

    /// Reads the setting: base64, in either alphabet and with or without padding, of at least 32 random bytes.
    ///
    /// - Throws: ``MasterSecretError`` when the text is something else, or visibly not random.
    package init(base64 text: String) throws(MasterSecretError) {
        guard !text.isEmpty else { throw .missing }
        // Before it is decoded, because a placeholder is seldom valid base64.
        guard !Self.isPlaceholder(text.utf8) else { throw .sampleValue }
        guard let bytes = Self.decode(text) else { throw .notBase64 }
        guard bytes.count >= Self.minimumSize else { throw .tooShort }
        guard !Self.isRepetitive(bytes) else { throw .repetitive }
        guard !Self.isPlaceholder(bytes) else { throw .sampleValue }
        self.bytes = Redacted(bytes)
    }

    /// A new random secret in the form of the setting.
    package static func generate() throws(CryptoError) -> String {
        Base64URL.encode(try SecureRandom.bytes(minimumSize))
    }

    /// The key for `purpose` (HKDF-SHA-256, with the purpose as `info`).
    ///
    /// The same secret always gives the same key.
    package func key(for purpose: DerivedKey.Purpose) throws(CryptoError) -> DerivedKey {
        let key = try HKDFSHA256.derive(
            from: bytes.exposed,
            info: Array("postern/v1/\(purpose.rawValue)".utf8),
            count: 32
        )
        return DerivedKey(purpose: purpose, bytes: key)
    }

    private static func decode(_ text: String) -> [UInt8]? {
        var characters = Array(text.utf8)
        while characters.last == UInt8(ascii: "="), text.utf8.count - characters.count < 2 { characters.removeLast() }
        return Base64URL.decode(
            characters.map { character in
                switch character {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                default: character
                }
            }
        )
    }

    /// Whether the bytes are a short pattern over and over (all one byte included) or count up or down by a constant.
    private static func isRepetitive(_ bytes: [UInt8]) -> Bool {
        let repeats = (1...8).contains { period in
            zip(bytes, bytes.dropFirst(period)).allSatisfy { $0 == $1 }
        }
        let step = bytes[1] &- bytes[0]
        return repeats || zip(bytes, bytes.dropFirst()).allSatisfy { $1 &- $0 == step }
    }

    /// Whether a word stands in the text that stands in examples and not in random text: the chance is below one in a
    /// hundred million.
    private static func isPlaceholder(_ text: some Sequence<UInt8>) -> Bool {
        let text = text.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        let words = [
            "changeme", "change-me", "change_me", "replace-", "replace_", "password", "placeholder", "insecure",
        ]
        return words.contains { text.firstRange(of: Array($0.utf8)) != nil }
    }
}
