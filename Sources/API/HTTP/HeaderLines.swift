// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// Header fields of an answer, written as HTTP/1.1 has them: a line each.
package struct HeaderLines: Sendable {
    package private(set) var bytes: [UInt8] = []

    /// None yet, and room for so many bytes.
    package init(reservingCapacity capacity: Int = 512) {
        bytes.reserveCapacity(capacity)
    }

    /// Lines for all of `fields`.
    package init(_ fields: HTTPFields) {
        for field in fields { append(field.name, field.value) }
    }

    /// Adds a field.
    package mutating func append(_ name: HTTPField.Name, _ value: String) {
        bytes.append(contentsOf: name.rawName.utf8)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: " "))
        append(value: value)
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Adds fields that were written before.
    mutating func append(_ lines: HeaderLines) {
        bytes.append(contentsOf: lines.bytes)
    }

    /// No value may end its line, or the next one would be the writer's of the value (RFC 9110 section 5.5).
    private mutating func append(value: String) {
        var value = value
        value.withUTF8 { utf8 in
            guard utf8.contains(where: Self.isControl) else { return bytes.append(contentsOf: utf8) }
            for byte in utf8 { bytes.append(Self.isControl(byte) ? UInt8(ascii: " ") : byte) }
        }
    }

    private static func isControl(_ byte: UInt8) -> Bool {
        byte < 0x20 && byte != UInt8(ascii: "\t") || byte == 0x7F
    }
}
