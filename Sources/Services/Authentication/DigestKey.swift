// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A SHA-256 or an HMAC with it, as the key of a dictionary.
///
/// Its bits are as good as random already, so a part of them is enough to hash: an array would be hashed byte by byte.
struct DigestKey: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    /// - Parameter digest: 32 bytes.
    init(_ digest: [UInt8]) {
        words = digest.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words[0])
    }
}
