// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// PostgreSQL's text form of arrays (manual, section 8.15.6): `{plain,"in \"quotes\"",NULL}`.
package enum ArrayLiteral {
    /// The elements of an array of one dimension, NULL as nil; nil for anything else.
    package static func parse(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>?]? {
        guard text.first == .openBrace, text.last == .closeBrace, text.count >= 2 else { return nil }
        let end = text.endIndex - 1
        var index = text.startIndex + 1
        if index == end { return [] }

        var elements: [ArraySlice<UInt8>?] = []
        while true {
            if text[index] == .quote {
                guard let (element, next) = quoted(text[..<end], from: index + 1) else { return nil }
                elements.append(element)
                index = next
            } else {
                let start = index
                while index < end, text[index] != .comma {
                    switch text[index] {
                    case .openBrace, .closeBrace, .quote, .backslash: return nil
                    default: index += 1
                    }
                }
                let element = text[start..<index]
                guard !element.isEmpty else { return nil }
                elements.append(element.elementsEqual("NULL".utf8) ? nil : element)
            }
            if index == end { return elements }
            guard text[index] == .comma, index + 1 < end else { return nil }
            index += 1
        }
    }

    /// The element whose opening quote stands before `start`, and the index behind its closing quote.
    private static func quoted(_ text: ArraySlice<UInt8>, from start: Int) -> (ArraySlice<UInt8>, next: Int)? {
        var element: [UInt8] = []
        var index = start
        while index < text.endIndex {
            switch text[index] {
            case .quote: return (element[...], index + 1)
            case .backslash:
                index += 1
                guard index < text.endIndex else { return nil }
                element.append(text[index])
            case let byte: element.append(byte)
            }
            index += 1
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
