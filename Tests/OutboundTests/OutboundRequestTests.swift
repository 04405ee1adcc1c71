// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Outbound
import Testing

@Suite struct OutboundRequestTests {
    @Test(arguments: ["", "Na me", "Name:", "Na\r\nme", "Näme"])
    func header_whenNameIsNoWord_isNil(name: String) {
        #expect(OutboundRequest.Header(name, "value") == nil)
    }

    @Test(arguments: ["a\r\nX-Admin: 1", "a\nb", "a\u{0}", "ä"])
    func header_whenValueCouldEndTheLine_isNil(value: String) {
        #expect(OutboundRequest.Header("Authorization", value) == nil)
    }

    @Test func printing_showsNoSecret() throws {
        let header = try #require(OutboundRequest.Header("Authorization", "Bearer s3cret"))
        let url = try OutboundURL("https://host.example/token?x=s3cret")
        let request = OutboundRequest.post(url, form: [("code", "s3cret")], headers: [header])
        var dumped = ""
        dump(request, to: &dumped)
        dump(header, to: &dumped)
        #expect("\(request)" == "POST https://host.example:443")
        #expect(!dumped.contains("s3cret"))
        #expect(request.headers.contains { $0.value.exposed == "Bearer s3cret" })
    }

    @Test(arguments: [
        ("application/json", "application/json"), ("Application/JSON ; charset=utf-8", "application/json"), ("", ""),
    ])
    func mediaType_isLowerCaseWithoutParameters(header: String, type: String) {
        #expect(OutboundResponse(status: 200, headers: ["content-type": header], body: []).mediaType == type)
    }
}
