// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import struct FoundationEssentials.UUID

/// Writes JSON straight into bytes, in the order of the calls.
///
/// It puts the commas; names and values come from the caller.
///
///     var json = JSONWriter()
///     json.object { json in
///         json.member("name", "Ada")
///         json.array("roles", roles) { json, role in json.value(role) }
///     }
package struct JSONWriter {
    /// The document so far.
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// An empty document.
    package init(reservingCapacity capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    /// The document so far as text.
    package var text: String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// An object whose members `body` writes.
    package mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
        open(UInt8(ascii: "{"))
        try body(&self)
        close(UInt8(ascii: "}"))
    }

    /// An array of `elements`, each written by `body` as one value.
    package mutating func array<Elements: Sequence>(
        _ elements: Elements,
        _ body: (inout JSONWriter, Elements.Element) throws -> Void
    ) rethrows {
        open(UInt8(ascii: "["))
        for element in elements { try body(&self, element) }
        close(UInt8(ascii: "]"))
    }

    /// An array of texts.
    package mutating func value(_ values: [String]) {
        array(values) { json, text in json.value(text) }
    }

    /// The name of the member that the next call writes.
    package mutating func name(_ name: String) {
        separate()
        append(quoted: name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// The name of the member that the next call writes, as ``encoded(name:)`` gives it.
    ///
    /// For names that are written again and again.
    package mutating func name(encoded: Span<UInt8>) {
        separate()
        encoded.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        needsComma = false
    }

    /// What ``name(encoded:)`` takes.
    package static func encoded(name: String) -> [UInt8] {
        var json = JSONWriter()
        json.name(name)
        return json.bytes
    }

    /// A text.
    package mutating func value(_ value: String) {
        separate()
        append(quoted: value)
    }

    /// A whole number.
    package mutating func value(_ value: Int64) {
        raw(String(value))
    }

    /// A boolean.
    package mutating func value(_ value: Bool) {
        raw(value ? "true" : "false")
    }

    /// An instant in RFC 3339 form.
    package mutating func value(_ value: Timestamp) {
        quoted { bytes in value.append(to: &bytes) }
    }

    /// A UUID in lower case.
    package mutating func value(_ value: UUID) {
        quoted { bytes in value.append(to: &bytes) }
    }

    /// The value null.
    package mutating func null() {
        raw("null")
    }

    /// Any document; the members of an object in alphabetical order.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): self.value(value)
        case .integer(let value): self.value(value)
        case .number(let value): raw("\(value)")
        case .string(let value): self.value(value)
        case .array(let elements): array(elements) { json, element in json.value(element) }
        case .object(let members):
            object { json in
                for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                    json.name(name)
                    json.value(value)
                }
            }
        }
    }

    /// A line feed behind the document.
    package mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// A text that `append` writes, without anything that would need an escape.
    private mutating func quoted(_ append: (inout [UInt8]) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        append(&bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func append(quoted text: String) {
        bytes.append(UInt8(ascii: "\""))
        text.utf8.span.withUnsafeBufferPointer { utf8 in
            // What needs no escape is copied in one piece: nearly always all of it.
            guard Self.needsEscape(utf8) else { return bytes.append(contentsOf: utf8) }
            var start = 0
            for index in utf8.indices where Self.isEscaped(utf8[index]) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index]))
                append(escaped: utf8[index])
                start = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Goes on to the end whatever it finds, so that the compiler can have it look at many bytes at once.
    private static func needsEscape(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.reduce(false) { found, byte in isEscaped(byte) ? true : found }
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    private mutating func append(escaped byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            bytes.append(byte)
        } else {
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(contentsOf: Hex.encode(CollectionOfOne(byte)).utf8)
        }
    }
}
