// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

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

    /// The name of the member that the next call writes.
    package mutating func name(_ name: String) {
        separate()
        append(quoted: name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
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
        self.value(value.rfc3339)
    }

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

    private mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
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
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20, 0x7F:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(contentsOf: Hex.encode(CollectionOfOne(byte)).utf8)
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
