// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

import struct FoundationEssentials.UUID

extension String: TextDecodable {
    package static func decode(text: ArraySlice<UInt8>) -> String? {
        String(decoding: text, as: UTF8.self)
    }
}

extension Int64: TextDecodable {
    package static func decode(text: ArraySlice<UInt8>) -> Int64? {
        Int64(String(decoding: text, as: UTF8.self))
    }
}

extension Int: TextDecodable {
    package static func decode(text: ArraySlice<UInt8>) -> Int? {
        Int(String(decoding: text, as: UTF8.self))
    }
}

extension Bool: TextDecodable {
    package static func decode(text: ArraySlice<UInt8>) -> Bool? {
        guard text.count == 1 else { return nil }
        return switch text.first {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }
}

extension UUID: TextDecodable {
    package static func decode(text: ArraySlice<UInt8>) -> UUID? {
        UUID(text: text.span)
    }
}

extension Timestamp: TextDecodable {
    /// Reads a `timestamptz` in ISO style with any offset; `infinity` is refused.
    package static func decode(text: ArraySlice<UInt8>) -> Timestamp? {
        Timestamp(rfc3339: text)
    }
}
