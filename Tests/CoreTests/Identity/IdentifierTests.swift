// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct IdentifierTests {
    private enum Thing {}

    private static let text = "0198c0a8-7f3e-7abc-8def-0123456789ab"

    @Test(arguments: [text, text.uppercased()])
    func init_whenTextIsAUUID_readsItAndPrintsItInLowerCase(text: String) {
        #expect(Identifier<Thing>(text)?.description == Self.text)
    }

    @Test(arguments: [
        "", "1", "0198c0a87f3e7abc8def0123456789ab", "{\(text)}", "urn:uuid:\(text)", "\(text) ", "\(text)0",
        "0198c0a8-7f3e-7abc-8def-0123456789ag", "0198c0a8-7f3e-7abc-8def_0123456789ab", String(text.dropLast()),
        "0198c0a8-7f3e-7abc-8def-0123456789\u{E9}", "' or 1=1 --                          ",
    ])
    func init_whenTextIsNoUUID_isNil(text: String) {
        #expect(Identifier<Thing>(text) == nil)
    }

    @Test func make_isReadBackAsItself() {
        let id = Identifier<Thing>.make(at: Timestamp(seconds: 1_800_000_000))
        #expect(Identifier(id.description) == id)
    }
}
