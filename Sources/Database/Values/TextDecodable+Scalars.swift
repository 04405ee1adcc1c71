// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

import struct FoundationEssentials.UUID

extension String: TextDecodable {
    package static func decode(text: Span<UInt8>) -> String? {
        text.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}

extension Int64: TextDecodable {
    package static func decode(text: Span<UInt8>) -> Int64? {
        String.decode(text: text).flatMap { Int64($0) }
    }
}

extension Int: TextDecodable {
    package static func decode(text: Span<UInt8>) -> Int? {
        String.decode(text: text).flatMap { Int($0) }
    }
}

extension Bool: TextDecodable {
    package static func decode(text: Span<UInt8>) -> Bool? {
        guard text.count == 1 else { return nil }
        return switch text[0] {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }
}

extension UUID: TextDecodable {
    package static func decode(text: Span<UInt8>) -> UUID? {
        UUID(text: text)
    }
}

extension Timestamp: TextDecodable {
    /// Reads a `timestamptz` in ISO style with any offset; `infinity` is refused.
    package static func decode(text: Span<UInt8>) -> Timestamp? {
        Timestamp(rfc3339: text)
    }
}
