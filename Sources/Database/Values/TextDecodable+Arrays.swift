// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

import struct FoundationEssentials.UUID

/// A type whose arrays a column can be read as.
package protocol RowDecodableElement: Sendable {
    /// The array that `text` stands for; nil when it stands for none.
    static func decode(arrayText text: ArraySlice<UInt8>) -> [Self]?
}

extension Array: RowDecodable, TextDecodable where Element: RowDecodableElement {
    package static func decode(text: ArraySlice<UInt8>) -> [Element]? {
        Element.decode(arrayText: text)
    }
}

extension RowDecodableElement where Self: TextDecodable {
    /// Reads a PostgreSQL array of one dimension without NULLs.
    package static func decode(arrayText text: ArraySlice<UInt8>) -> [Self]? {
        guard let elements = ArrayLiteral.parse(text) else { return nil }
        var values: [Self] = []
        values.reserveCapacity(elements.count)
        for element in elements {
            guard let element, let value = Self.decode(text: element) else { return nil }
            values.append(value)
        }
        return values
    }
}

extension String: RowDecodableElement {}
extension Int64: RowDecodableElement {}
extension Int: RowDecodableElement {}
extension Bool: RowDecodableElement {}
extension UUID: RowDecodableElement {}
extension Timestamp: RowDecodableElement {}

extension UInt8: RowDecodableElement {
    /// Reads a `bytea` in its hexadecimal form `\x0aff` (manual, section 8.4.1): the bytes of a column are `[UInt8]`.
    package static func decode(arrayText text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "x")]) else { return nil }
        return Hex.decode(text.dropFirst(2))
    }
}
