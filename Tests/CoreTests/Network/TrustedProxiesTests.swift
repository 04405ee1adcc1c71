// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct TrustedProxiesTests {
    private static let key = "POSTERN_TRUSTED_PROXIES"

    private func proxies(_ text: String?) throws -> TrustedProxies {
        try TrustedProxies(Settings(environment: text.map { [Self.key: $0] } ?? [:]))
    }

    private func client(of peer: String?, _ forwardedFor: String..., behind text: String?) throws -> String? {
        let peer = try peer.map { try #require(IPAddress($0)) }
        return try proxies(text).client(of: peer, forwardedFor: forwardedFor)?.description
    }

    @Test(arguments: ["0.0.0.0/0", "::/0", "10.0.0.0/8,0.0.0.0/0", "::ffff:0.0.0.0/96"])
    func setting_whenABlockIsEverything_isRefused(text: String) {
        #expect(refusal { try proxies(text) }?.hasPrefix("\(Self.key) must not hold every address") == true)
    }

    @Test(arguments: [
        "10.0.0.0/33", "proxy.example.com", "10.0.0.0/8,", ",", "Unix", "unix:/run/x", "10.0.0.0/8;::1", "*",
    ])
    func setting_whenAnEntryIsNoBlock_isRefused(text: String) throws {
        let message = try #require(refusal { try proxies(text) })
        #expect(message.hasPrefix("\(Self.key) must be addresses or CIDR blocks"))
    }

    @Test func setting_whenHostBitsAreSet_saysSo() throws {
        let message = try #require(refusal { try proxies("10.0.0.1/8") })
        #expect(message.contains("bits set behind its prefix length") && !message.contains("10.0.0.1"))
    }

    @Test func client_withoutTrustedProxies_isThePeerWhateverTheHeaderSays() throws {
        #expect(try client(of: "192.0.2.1", "203.0.113.9", behind: nil) == "192.0.2.1")
        #expect(try client(of: "192.0.2.1", "203.0.113.9", behind: "10.0.0.0/8,unix") == "192.0.2.1")
        #expect(try client(of: nil, "203.0.113.9", behind: "0.0.0.0/1,128.0.0.0/1") == nil)
    }

    @Test func client_behindATrustedProxy_isTheOneThatTheProxySaw() throws {
        #expect(try client(of: "10.0.0.1", "203.0.113.9", behind: "10.0.0.1") == "203.0.113.9")
        #expect(try client(of: "::1", "2001:db8::9", behind: "::1") == "2001:db8::9")
        #expect(try client(of: "::ffff:10.0.0.1", "::ffff:203.0.113.9", behind: "10.0.0.0/8") == "203.0.113.9")
        #expect(try client(of: nil, "203.0.113.9", behind: "unix") == "203.0.113.9")
        #expect(try client(of: nil, behind: "unix") == nil)
        #expect(try client(of: "10.0.0.1", behind: "10.0.0.1") == "10.0.0.1")
    }

    @Test func client_whenItForgedTheBeginningOfTheChain_isStillTheOneThatTheProxySaw() throws {
        #expect(try client(of: "10.0.0.1", "127.0.0.1, 203.0.113.9", behind: "10.0.0.0/8") == "203.0.113.9")
        // A claim to be a trusted proxy, and what such a proxy would have written.
        #expect(try client(of: "10.0.0.1", "1.1.1.1, 10.0.0.7, 203.0.113.9", behind: "10.0.0.0/8") == "203.0.113.9")
        #expect(try client(of: "10.0.0.1", "garbage,, 203.0.113.9", behind: "10.0.0.0/8") == "203.0.113.9")
        // A line of the client's own before the one of the proxy.
        #expect(try client(of: "10.0.0.1", "10.0.0.9, 1.1.1.1", "203.0.113.9", behind: "10.0.0.0/8") == "203.0.113.9")
    }

    @Test func client_behindSeveralTrustedProxies_isTheRightMostThatIsNone() throws {
        let trusted = "10.0.0.0/8, 2001:db8:1::/48"
        #expect(try client(of: "10.0.0.1", "203.0.113.9, 10.0.0.2, 2001:db8:1::3", behind: trusted) == "203.0.113.9")
        #expect(try client(of: "10.0.0.1", "203.0.113.9", "10.0.0.2", "10.0.0.3", behind: trusted) == "203.0.113.9")
        // Everybody is a proxy: the one that is furthest away.
        #expect(try client(of: "10.0.0.1", "10.0.0.4, 10.0.0.3", behind: trusted) == "10.0.0.4")
        #expect(try client(of: nil, "203.0.113.9, 10.0.0.2", behind: "unix,10.0.0.2") == "203.0.113.9")
        #expect(try client(of: nil, "203.0.113.9, 10.0.0.2", behind: "unix") == "10.0.0.2")
    }

    @Test func client_whenAnEntryIsNoAddress_isTheLastGoodOne() throws {
        #expect(try client(of: "10.0.0.1", "203.0.113.9, unknown, 10.0.0.2", behind: "10.0.0.0/8") == "10.0.0.2")
        #expect(try client(of: "10.0.0.1", "203.0.113.9, unknown", behind: "10.0.0.0/8") == "10.0.0.1")
        #expect(try client(of: "10.0.0.1", "203.0.113.9,", behind: "10.0.0.0/8") == "10.0.0.1")
        #expect(try client(of: "10.0.0.1", "", behind: "10.0.0.0/8") == "10.0.0.1")
        #expect(try client(of: nil, "203.0.113.9, _hidden", behind: "unix") == nil)
    }

    @Test(arguments: [
        ("203.0.113.9:443", "203.0.113.9"), ("[2001:db8::9]:443", "2001:db8::9"), ("[2001:db8::9]", "2001:db8::9"),
        ("2001:db8::9", "2001:db8::9"), (" \t203.0.113.9\t ", "203.0.113.9"), ("[::ffff:203.0.113.9]", "203.0.113.9"),
    ])
    func entry_withPortOrBrackets_isRead(entry: String, address: String) throws {
        #expect(try client(of: "10.0.0.1", entry, behind: "10.0.0.1") == address)
    }

    @Test(arguments: [
        "203.0.113.9:", "203.0.113.9:65536", "203.0.113.9:+1", "203.0.113.9:x", "[2001:db8::9", "2001:db8::9]", "[]",
        "[2001:db8::9]443", "[2001:db8::9]:", "[203.0.113.9]", "[2001:db8::9%eth0]", "\"203.0.113.9\"", "203.0.113.9 1",
        "for=203.0.113.9",
    ])
    func entry_thatIsNoAddress_endsTheSearch(entry: String) throws {
        #expect(try client(of: "10.0.0.1", "198.51.100.1, \(entry)", behind: "10.0.0.1") == "10.0.0.1")
    }
}
