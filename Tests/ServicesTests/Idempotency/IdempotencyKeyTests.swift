// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Services
import Testing

@Suite struct IdempotencyKeyTests {
    @Test(arguments: ["k", "!~", "01990000-0000-7000-8000-000000000000", String(repeating: "k", count: 255)])
    func init_ofVisibleASCII_keepsTheText(text: String) throws {
        #expect(try IdempotencyKey(text).text == text)
    }

    @Test(arguments: ["", " ", "a b", "a\t", "a\u{7F}", "\u{E9}", "a\0", "k\n", String(repeating: "k", count: 256)])
    func init_ofAnythingElse_namesTheHeader(text: String) async {
        let error = await failure { try IdempotencyKey(text) }
        #expect(error?.code == .validationFailed)
        #expect(error?.fields.map(\.name) == ["Idempotency-Key"])
    }
}
