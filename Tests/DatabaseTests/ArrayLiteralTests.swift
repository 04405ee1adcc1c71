// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

@Suite struct ArrayLiteralTests {
    private func parse(_ text: String) -> [String?]? {
        ArrayLiteral.parse(Array(text.utf8)[...])?.map { $0.map { String(decoding: $0, as: UTF8.self) } }
    }

    @Test(arguments: [
        ("{}", []),
        ("{a}", ["a"]),
        ("{a,b c,NULL,\"NULL\"}", ["a", "b c", nil, "NULL"]),
        (#"{"a,b","\"","\\","{}",""}"#, ["a,b", "\"", "\\", "{}", ""]),
        ("{ü,\"世 界\"}", ["ü", "世 界"]),
    ]) func array_isRead(text: String, elements: [String?]) {
        #expect(parse(text) == elements)
    }

    @Test(arguments: [
        "", "{", "}", "a", "{a", "a}", "{,}", "{a,}", "{,a}", "{\"a}", "{\"a\"b}", "{{a},{b}}", "[2:2]={a}", #"{"a\"}"#,
    ]) func anythingElse_isRefused(text: String) {
        #expect(parse(text) == nil)
    }

    @Test func array_isReadAsItWasWritten() {
        let texts = ["", "NULL", "a\"b", "c\\d", "{e}", "f,g", " h ", "\n"]
        var bytes: [UInt8] = []
        ArrayLiteral.append(texts, to: &bytes, element: ArrayLiteral.appendQuoted)
        #expect(ArrayLiteral.parse(bytes[...])?.map { $0.map { String(decoding: $0, as: UTF8.self) } } == texts)
    }
}
