// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct CIDRBlockTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"), ("10.1.2.3", "10.1.2.3", "10.1.2.4"),
        ("192.0.2.128/25", "192.0.2.128", "192.0.2.127"), ("192.0.2.1/32", "192.0.2.1", "192.0.2.0"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"), ("::1", "::1", "::2"), ("::1/128", "::1", "::"),
        ("fd00::/8", "fd12:3456::1", "fe00::1"), ("0.0.0.0/0", "203.0.113.9", "::1"),
        ("::/0", "2001:db8::1", "10.0.0.1"),
        ("::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.0"), ("10.0.0.0/8", "::ffff:10.1.1.1", "::a00:1"),
    ])
    func contains_isTrueForAddressesOfTheBlockAlone(text: String, inside: String, outside: String) throws {
        let block = try CIDRBlock(text)
        #expect(block.contains(try #require(IPAddress(inside))))
        #expect(!block.contains(try #require(IPAddress(outside))))
    }

    @Test(arguments: [
        "10.0.0.1/8", "192.0.2.1/31", "2001:db8::1/64", "::1/0", "::ffff:10.0.0.1/104", "::ffff:0.0.0.0/95",
    ])
    func text_withBitsBehindThePrefix_isRefusedAsThat(text: String) {
        #expect(throws: CIDRBlock.ParseError.hostBitsSet) { try CIDRBlock(text) }
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/-1",
        "10.0.0.0/255.0.0.0", "10/8", "example.com/8", "10.0.0.0 /8", "10.0.0.0/٨", "10.0.0.0/0008",
    ])
    func text_thatIsNoBlock_isRefused(text: String) {
        #expect(throws: CIDRBlock.ParseError.notABlock) { try CIDRBlock(text) }
    }
}
