// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        body(&json)
        return json.text
    }

    @Test func writing_putsCommasBetweenAndNowhereElse() {
        let text = written { json in
            json.object { json in
                json.member("text", "a")
                json.member("none", String?.none)
                json.member("number", Int64(-1))
                json.member("flag", true)
                json.member("time", Timestamp(seconds: 0))
                json.member("list", Set(["x"]))
                json.name("empty")
                json.object { _ in }
                json.name("objects")
                json.array([1, 2]) { json, number in
                    json.object { json in json.member("n", Int64(number)) }
                }
                json.member("last", JSONValue.array([[], [:], .null]))
            }
        }
        #expect(
            text == #"{"text":"a","none":null,"number":-1,"flag":true,"time":"1970-01-01T00:00:00.000000Z","#
                + #""list":["x"],"empty":{},"objects":[{"n":1},{"n":2}],"last":[[],{},null]}"#
        )
    }

    @Test(arguments: [
        ("\"", #""\"""#), ("\\", #""\\""#), ("\n\r\t", #""\u000a\u000d\u0009""#),
        ("\0\u{1F}\u{7F}", #""\u0000\u001f\u007f""#),
        ("/é\u{2028}\u{1F600}", "\"/é\u{2028}\u{1F600}\""), ("", #""""#),
    ])
    func value_ofAText_escapesQuoteBackslashAndControlCharacters(text: String, json: String) {
        #expect(written { $0.value(text) } == json)
    }

    @Test func name_isEscapedAsAValueIs() {
        #expect(written { json in json.object { $0.member("a\"\n", "") } } == #"{"a\"\u000a":""}"#)
    }

    @Test(
        arguments: [
            .null, true, false, .integer(.min), .integer(.max), .number(0.1), .number(1e300),
            .number(-.leastNonzeroMagnitude), .number(3),
            "", "\u{0}\u{1F}\"\\\u{7F}é\u{1F600}\u{2028}", [], [:], [1, [2, [.null]], ["a": [:]]],
            ["b": 1, "a": ["\"": "\n", "": .null]],
        ] as [JSONValue]
    )
    func value_readBack_isTheSame(value: JSONValue) throws {
        #expect(try JSONValue(parsing: written { $0.value(value) }.utf8) == value)
    }

    @Test func value_ofAnObject_isSortedByName() {
        #expect(written { $0.value(["b": 1, "c": 2, "a": 3]) } == #"{"a":3,"b":1,"c":2}"#)
    }
}
