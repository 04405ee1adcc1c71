// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue {
        try JSONValue(parsing: text.utf8)
    }

    private func refusal(_ bytes: some Collection<UInt8>) -> JSONError? {
        do {
            _ = try JSONValue(parsing: bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func parsing_ofADocumentWithEverything_givesItsValues() throws {
        let text = #" {"a" : [1, -2.5, true, false, null, "x\u00e9"], "b":{}, "":"empty" } "#
        #expect(
            try parse(text) == [
                "a": [1, .number(-2.5), true, false, .null, "x\u{E9}"],
                "b": [:],
                "": "empty",
            ]
        )
    }

    @Test(arguments: [
        ("0", JSONValue.integer(0)), ("-0", .integer(0)), ("9223372036854775807", .integer(.max)),
        ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
        ("1.0", .number(1)), ("1e2", .number(100)), ("1E-2", .number(0.01)), ("1e-400", .number(0)),
        ("0.1", .number(0.1)), ("9007199254740993", .integer(9_007_199_254_740_993)),
    ])
    func parsing_ofANumber_isWholeOnlyWhenWrittenSoAndOf64Bits(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(arguments: ["1e400", "-1e400", "1" + String(repeating: "0", count: 400)])
    func parsing_ofANumberBeyondDouble_fails(text: String) {
        let error = refusal(text.utf8)
        #expect(error?.reason == .invalidNumber)
        #expect(error?.offset == 0)
    }

    @Test(arguments: [
        (#""\ud83d\ude00""#, "\u{1F600}"), (#""\uD834\uDD1E""#, "\u{1D11E}"), (#""\u0000""#, "\0"),
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""é\u0301""#, "é\u{301}"), (#""\uFFFF""#, "\u{FFFF}"),
    ])
    func parsing_ofEscapes_givesTheirCharacters(text: String, string: String) throws {
        let parsed = try #require(try parse(text).string)
        #expect(Array(parsed.utf8) == Array(string.utf8))
    }

    @Test(arguments: [
        #""\ud83d""#, #""\ude00""#, #""\ude00\ud83d""#, #""\ude00\ude00""#, #""\ud83d\ud83d""#, #""\ud83dx""#,
        #""\ud83d\n""#,
        #""\u12g4""#, #""\u12 ""#, #""\x41""#, #""\'""#, "\"\n\"", "\"\u{1F}\"", "\"\t\"",
    ])
    func parsing_ofABadEscapeOrControlCharacter_fails(text: String) {
        #expect(refusal(text.utf8)?.reason == .invalidString)
    }

    /// A stray continuation byte, an overlong slash, a surrogate, beyond U+10FFFF, and a character cut short.
    @Test(
        arguments: [
            [0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
        ] as [[UInt8]]
    )
    func parsing_ofInvalidUTF8_fails(bytes: [UInt8]) {
        #expect(refusal([0x22] + bytes + [0x22])?.reason == .invalidUTF8)
    }

    @Test(arguments: [
        (#"{"a":1,"a":1}"#, 7), (#"{"a":1,"b":2,"\u0061":3}"#, 13), (#"{"x":{"a":1,"a":2}}"#, 12),
        ("{\"\u{E9}\":1,\"e\u{301}\":2}", 8),
    ])
    func parsing_ofARepeatedName_failsWhereItIsRepeated(text: String, offset: Int) {
        let error = refusal(text.utf8)
        #expect(error?.reason == .duplicateName)
        #expect(error?.offset == offset)
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}")])
    func parsing_nestedAsDeepAsAllowed_succeedsAndDeeperFails(open: String, close: String) {
        func nested(_ depth: Int) -> String {
            String(repeating: open, count: depth - 1)
                + (open == "[" ? "[]" : "{}") + String(repeating: close, count: depth - 1)
        }
        #expect(JSONParser.maximumDepth == 32)
        #expect(refusal(nested(32).utf8) == nil)
        #expect(refusal(nested(33).utf8)?.reason == .tooDeep)
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":"])
    func parsing_nested100000Deep_failsAtTheLimit(open: String) {
        let bytes = Array(String(repeating: open, count: 100_000).utf8)
        #expect(refusal(bytes)?.reason == .tooDeep)
        #expect((refusal(bytes)?.offset ?? .max) < 33 * open.utf8.count)
    }

    @Test func parsing_ofSiblings_doesNotCountThemAsDepth() {
        #expect(refusal("[\(String(repeating: "[],", count: 1000))[]]".utf8) == nil)
    }

    @Test(arguments: [
        "", " ", "[", "[1", "[1,", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "\"", "\"a", "\"\\", "\"\\u12\"",
        "tru", "-",
        "1.", "1e", "1e+",
    ])
    func parsing_ofADocumentThatStops_saysSo(text: String) {
        #expect(refusal(text.utf8)?.reason == .unexpectedEnd)
    }

    @Test(arguments: [
        ("[1,]", 3), ("{\"a\":1,}", 7), ("{,}", 1), ("[1 2]", 3), ("{a:1}", 1), ("1 1", 2), ("[]]", 2), ("nul!", 0),
        ("// c\n1", 0), ("NaN", 0), ("\u{FEFF}1", 0), ("'a'", 0), ("{\"a\";1}", 4), ("+1", 0), ("01", 1),
    ])
    func parsing_ofSomethingElse_failsAtTheCharacter(text: String, offset: Int) {
        let error = refusal(text.utf8)
        #expect(error?.reason == .unexpectedCharacter)
        #expect(error?.offset == offset)
    }

    @Test func error_doesNotRepeatTheInput() {
        #expect(refusal("{\"secret\"".utf8)?.description == "the document ends too early at byte 9")
    }
}
