// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("10.9.99.100", "10.9.99.100"),
        ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("fe80::1", "fe80::1"), ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("::ffff:c000:201", "192.0.2.1"), ("0:0:0:0:0:FFFF:192.0.2.1", "192.0.2.1"),
    ])
    func text_ofAnAddress_isReadAndWrittenCanonically(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
    }

    @Test(arguments: [
        "", "1", "127.1", "127.0.0.01", "0x7f.0.0.1", "2130706433", "192.0.2.256", "192.0.2.1.", "192.0.2.1 ", " ::1",
        "192.0.2.1\0", "::1\0x", "192.0.2.1:80", "[::1]", "fe80::1%eth0", ":::", "1::2::3", "::12345", "2001:db8",
        "localhost", "192.0.2.1/32", "١٩٢.0.2.1", String(repeating: "0", count: 100),
    ])
    func text_thatIsNoAddress_isRefused(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func address_mappedToIPv6_isTheIPv4Address() {
        let mapped = IPAddress(networkBytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 1])
        #expect(mapped == IPAddress(networkBytes: [192, 0, 2, 1]))
        #expect(mapped?.family == .ipv4)
        #expect(IPAddress("::c000:201")?.family == .ipv6)
    }

    @Test func networkBytes_ofAnotherLength_areRefused() {
        #expect(IPAddress(networkBytes: [192, 0, 2]) == nil)
        #expect(IPAddress(networkBytes: []) == nil)
        #expect(IPAddress(networkBytes: [UInt8](repeating: 0, count: 17)) == nil)
    }

    @Test func prefix_isTheSameForTheAddressesOfOneNetwork() throws {
        let one = try #require(IPAddress("2001:db8:1:2:3:4:5:6"))
        let same = try #require(IPAddress("2001:db8:1:2::"))
        let other = try #require(IPAddress("2001:db8:1:3::"))
        #expect(one.prefix(64) == same.prefix(64))
        #expect(one.prefix(64) != other.prefix(64))
        #expect(one.prefix(64).description == "2001:db8:1:2::/64")
        #expect(try #require(IPAddress("192.0.2.77")).prefix(24).description == "192.0.2.0/24")
        #expect(try #require(IPAddress("192.0.2.77")).prefix(64).description == "192.0.2.77/32")
        #expect(one.prefix(0).contains(other))
    }
}
