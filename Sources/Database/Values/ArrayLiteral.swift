// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// PostgreSQL's text form of arrays (manual, section 8.15.6): `{plain,"in \"quotes\"",NULL}`.
package enum ArrayLiteral {
    /// Calls `body` with the text of each element; false for anything but an array of one dimension without NULL, and when
    /// `body` gives false.
    package static func read(_ text: Span<UInt8>, _ body: (Span<UInt8>) -> Bool) -> Bool {
        let end = text.count - 1
        guard end >= 1, text[0] == .openBrace, text[end] == .closeBrace else { return false }
        var index = 1
        if index == end { return true }

        while true {
            let start = index
            if text[index] == .quote {
                guard let element = quoted(text.extracting(..<end), from: &index), body(element.span) else {
                    return false
                }
            } else {
                while index < end, text[index] != .comma {
                    switch text[index] {
                    case .openBrace, .closeBrace, .quote, .backslash: return false
                    default: index += 1
                    }
                }
                let element = text.extracting(start..<index)
                guard !element.isEmpty, !isNull(element), body(element) else { return false }
            }
            if index == end { return true }
            guard text[index] == .comma, index + 1 < end else { return false }
            index += 1
        }
    }

    private static func isNull(_ element: Span<UInt8>) -> Bool {
        element.withUnsafeBufferPointer { $0.elementsEqual("NULL".utf8) }
    }

    /// The element whose opening quote stands at `index`, which moves behind its closing one.
    private static func quoted(_ text: Span<UInt8>, from index: inout Int) -> [UInt8]? {
        var element: [UInt8] = []
        index += 1
        while index < text.count {
            let byte = text[index]
            index += 1
            switch byte {
            case .quote: return element
            case .backslash:
                guard index < text.count else { return nil }
                element.append(text[index])
                index += 1
            default: element.append(byte)
            }
        }
        return nil
    }

    /// Appends the elements as an array; `append` writes one of them.
    package static func append<Element>(
        _ elements: [Element],
        to bytes: inout [UInt8],
        element append: (Element, inout [UInt8]) -> Void
    ) {
        bytes.append(.openBrace)
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(.comma) }
            append(element, &bytes)
        }
        bytes.append(.closeBrace)
    }

    /// Appends one element in quotes, so that no content of it means anything to the server.
    package static func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(.quote)
        for byte in text.utf8 {
            if byte == .quote || byte == .backslash { bytes.append(.backslash) }
            bytes.append(byte)
        }
        bytes.append(.quote)
    }
}

extension UInt8 {
    fileprivate static let openBrace = UInt8(ascii: "{")
    fileprivate static let closeBrace = UInt8(ascii: "}")
    fileprivate static let quote = UInt8(ascii: "\"")
    fileprivate static let backslash = UInt8(ascii: "\\")
    fileprivate static let comma = UInt8(ascii: ",")
}
