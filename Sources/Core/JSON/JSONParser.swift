// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A strict JSON parser for input of strangers: RFC 8259 without extensions, bounded depth, no repeated names (a
/// repeated name is how two readers of one document come to disagree; CVE-2017-12635), no invalid UTF-8.
package struct JSONParser {
    /// Nesting allowed when the caller does not say otherwise.
    package static let maximumDepth = 32

    private let bytes: [UInt8]
    private let maximumDepth: Int
    private var position = 0
    private var depth = 0

    package init(_ bytes: [UInt8], maximumDepth: Int = Self.maximumDepth) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// Parses the whole input as one document.
    package mutating func parseDocument() throws(JSONError) -> JSONValue {
        skipWhitespace()
        let value = try parseValue()
        skipWhitespace()
        guard position == bytes.count else { throw failure(.unexpectedCharacter) }
        return value
    }

    private mutating func parseValue() throws(JSONError) -> JSONValue {
        guard position < bytes.count else { throw failure(.unexpectedEnd) }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try parseObject()
        case UInt8(ascii: "["): return try parseArray()
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseLiteral("true", .bool(true))
        case UInt8(ascii: "f"): return try parseLiteral("false", .bool(false))
        case UInt8(ascii: "n"): return try parseLiteral("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw failure(.unexpectedCharacter)
        }
    }

    private mutating func parseObject() throws(JSONError) -> JSONValue {
        try enter()
        var members: [String: JSONValue] = [:]
        if !skip(UInt8(ascii: "}")) {
            repeat {
                skipWhitespace()
                guard peek() == UInt8(ascii: "\"") else { throw failure(.unexpectedCharacter) }
                let nameOffset = position
                let name = try parseString()
                guard skip(UInt8(ascii: ":")) else { throw failure(.unexpectedCharacter) }
                skipWhitespace()
                let value = try parseValue()
                guard members.updateValue(value, forKey: name) == nil else {
                    throw JSONError(reason: .duplicateName, offset: nameOffset)
                }
            } while skip(UInt8(ascii: ","))
            guard skip(UInt8(ascii: "}")) else { throw failure(.unexpectedCharacter) }
        }
        depth -= 1
        return .object(members)
    }

    private mutating func parseArray() throws(JSONError) -> JSONValue {
        try enter()
        var elements: [JSONValue] = []
        if !skip(UInt8(ascii: "]")) {
            repeat {
                skipWhitespace()
                elements.append(try parseValue())
            } while skip(UInt8(ascii: ","))
            guard skip(UInt8(ascii: "]")) else { throw failure(.unexpectedCharacter) }
        }
        depth -= 1
        return .array(elements)
    }

    private mutating func enter() throws(JSONError) {
        depth += 1
        guard depth <= maximumDepth else { throw failure(.tooDeep) }
        position += 1
    }

    private mutating func parseLiteral(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { throw failure(.unexpectedEnd) }
        for index in 0..<count where bytes[position + index] != text.utf8Start[index] {
            throw failure(.unexpectedCharacter)
        }
        position += count
        return value
    }

    private mutating func parseNumber() throws(JSONError) -> JSONValue {
        let start = position
        var isWhole = true
        if peek() == UInt8(ascii: "-") { position += 1 }
        if peek() == UInt8(ascii: "0") {
            position += 1
        } else {
            try skipDigits()
        }
        if peek() == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            try skipDigits()
        }
        if let character = peek(), character == UInt8(ascii: "e") || character == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw JSONError(reason: .invalidNumber, offset: start) }
        return .number(value)
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while let digit = peek(), (48...57).contains(digit) { position += 1 }
        guard position > start else { throw failure(position < bytes.count ? .invalidNumber : .unexpectedEnd) }
    }

    private mutating func parseString() throws(JSONError) -> String {
        position += 1
        let start = position
        while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        guard let end = peek() else { throw failure(.unexpectedEnd) }
        var text: [UInt8]
        if end == UInt8(ascii: "\"") {
            text = Array(bytes[start..<position])
        } else {
            text = try unescape(from: start)
        }
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else {
            throw JSONError(reason: .invalidUTF8, offset: start)
        }
        return string
    }

    /// The bytes of a string that holds escapes; stops at the closing quote.
    private mutating func unescape(from start: Int) throws(JSONError) -> [UInt8] {
        var text = Array(bytes[start..<position])
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                return text
            case UInt8(ascii: "\\"):
                position += 1
                text.append(contentsOf: try parseEscape())
            case 0..<0x20:
                throw failure(.invalidString)
            default:
                text.append(byte)
                position += 1
            }
        }
        throw failure(.unexpectedEnd)
    }

    private mutating func parseEscape() throws(JSONError) -> [UInt8] {
        guard let character = peek() else { throw failure(.unexpectedEnd) }
        position += 1
        switch character {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [character]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(Character(try parseUnicodeEscape())).utf8)
        default: throw failure(.invalidString)
        }
    }

    private mutating func parseUnicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let unit = try parseHexUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // A surrogate: only a high one with a low one behind it stands for a character.
        guard unit < 0xDC00, peek() == UInt8(ascii: "\\") else { throw failure(.invalidString) }
        position += 1
        guard peek() == UInt8(ascii: "u") else { throw failure(.invalidString) }
        position += 1
        let low = try parseHexUnit()
        guard (0xDC00...0xDFFF).contains(low) else { throw failure(.invalidString) }
        let value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        guard let scalar = Unicode.Scalar(value) else { throw failure(.invalidString) }
        return scalar
    }

    private mutating func parseHexUnit() throws(JSONError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw failure(.unexpectedEnd) }
        guard let digits = Hex.decode(bytes[position..<position + 4]) else { throw failure(.invalidString) }
        position += 4
        return UInt16(digits[0]) << 8 | UInt16(digits[1])
    }

    private func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    /// Skips white space, then `character` if it is next.
    private mutating func skip(_ character: UInt8) -> Bool {
        skipWhitespace()
        guard peek() == character else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func failure(_ reason: JSONError.Reason) -> JSONError {
        JSONError(reason: position < bytes.count ? reason : .unexpectedEnd, offset: position)
    }
}
