// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Testing

@Suite struct ArrayLiteralTests {
    private func read(_ text: String) -> [String]? {
        var elements: [String] = []
        let isArray = ArrayLiteral.read(text.utf8.span) { element in
            element.withUnsafeBufferPointer { elements.append(String(decoding: $0, as: UTF8.self)) }
            return true
        }
        return isArray ? elements : nil
    }

    @Test(arguments: [
        ("{}", []),
        ("{a}", ["a"]),
        ("{a,b c,nulls,\"NULL\"}", ["a", "b c", "nulls", "NULL"]),
        (#"{"a,b","\"","\\","{}",""}"#, ["a,b", "\"", "\\", "{}", ""]),
        ("{ü,\"世 界\"}", ["ü", "世 界"]),
    ]) func array_isRead(text: String, elements: [String]) {
        #expect(read(text) == elements)
    }

    @Test(arguments: [
        "", "{", "}", "a", "{a", "a}", "{,}", "{a,}", "{,a}", "{\"a}", "{\"a\"b}", "{{a},{b}}", "[2:2]={a}", #"{"a\"}"#,
        "{NULL}", "{a,NULL}",
    ]) func anythingElse_isRefused(text: String) {
        #expect(read(text) == nil)
    }

    @Test func array_isReadAsItWasWritten() {
        let texts = ["", "NULL", "a\"b", "c\\d", "{e}", "f,g", " h ", "\n"]
        var bytes: [UInt8] = []
        ArrayLiteral.append(texts, to: &bytes, element: ArrayLiteral.appendQuoted)
        #expect(read(String(decoding: bytes, as: UTF8.self)) == texts)
    }
}
