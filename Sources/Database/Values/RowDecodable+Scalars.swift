// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

import struct FoundationEssentials.UUID

extension String: RowDecodable {
    package static func decode(text: ArraySlice<UInt8>) -> String? {
        String(decoding: text, as: UTF8.self)
    }
}

extension Int64: RowDecodable {
    package static func decode(text: ArraySlice<UInt8>) -> Int64? {
        Int64(String(decoding: text, as: UTF8.self))
    }
}

extension Int: RowDecodable {
    package static func decode(text: ArraySlice<UInt8>) -> Int? {
        Int(String(decoding: text, as: UTF8.self))
    }
}

extension Bool: RowDecodable {
    package static func decode(text: ArraySlice<UInt8>) -> Bool? {
        switch text {
        case [UInt8(ascii: "t")]: true
        case [UInt8(ascii: "f")]: false
        default: nil
        }
    }
}

extension UUID: RowDecodable {
    package static func decode(text: ArraySlice<UInt8>) -> UUID? {
        UUID(text: text)
    }
}

extension Timestamp: RowDecodable {
    /// Reads a `timestamptz` in ISO style with any offset; `infinity` is refused.
    package static func decode(text: ArraySlice<UInt8>) -> Timestamp? {
        Timestamp(rfc3339: String(decoding: text, as: UTF8.self))
    }
}
