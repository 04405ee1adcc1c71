// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct RedactedTests {
    private struct Holder {
        let name = "holder"
        let secret = Redacted("hunter2")
    }

    @Test(arguments: ["description", "debugDescription", "dump", "interpolation", "reflecting", "optional", "inside"])
    func printing_inEachWay_hidesTheValue(way: String) {
        let secret = Redacted("hunter2")
        var text = ""
        switch way {
        case "description": text = secret.description
        case "debugDescription": text = secret.debugDescription
        case "dump": dump(secret, to: &text)
        case "interpolation": text = "\(secret)"
        case "reflecting": text = String(reflecting: secret)
        case "optional": text = "\(String(describing: Optional(secret)))"
        default: dump(Holder(), to: &text)
        }
        #expect(text.contains("[redacted]"))
        #expect(!text.contains("hunter2"))
    }

    @Test func mirror_hasNoChildren() {
        #expect(Mirror(reflecting: Redacted("hunter2")).children.isEmpty)
    }

    @Test func exposed_isTheValue() {
        #expect(Redacted("hunter2").exposed == "hunter2")
    }
}
