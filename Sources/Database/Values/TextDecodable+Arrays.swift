// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

import struct FoundationEssentials.UUID

/// A type whose arrays a column can be read as.
package protocol RowDecodableElement: Sendable {
    /// The array that `text` stands for; nil when it stands for none.
    static func decode(arrayText text: Span<UInt8>) -> [Self]?
}

extension Array: RowDecodable, TextDecodable where Element: RowDecodableElement {
    package static func decode(text: Span<UInt8>) -> [Element]? {
        Element.decode(arrayText: text)
    }
}

extension RowDecodableElement where Self: TextDecodable {
    /// Reads a PostgreSQL array of one dimension without NULLs.
    package static func decode(arrayText text: Span<UInt8>) -> [Self]? {
        var values: [Self] = []
        let isArray = ArrayLiteral.read(text) { element in
            guard let value = Self.decode(text: element) else { return false }
            values.append(value)
            return true
        }
        return isArray ? values : nil
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
    package static func decode(arrayText text: Span<UInt8>) -> [UInt8]? {
        guard text.count >= 2, text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x") else { return nil }
        return Hex.decode(text.extracting(2...))
    }
}
