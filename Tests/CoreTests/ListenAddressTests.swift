// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8080", ListenAddress.tcp(host: "127.0.0.1", port: 8080), true),
        ("127.9.9.9:1", .tcp(host: "127.9.9.9", port: 1), true),
        ("0.0.0.0:80", .tcp(host: "0.0.0.0", port: 80), false),
        ("[::1]:8080", .tcp(host: "::1", port: 8080), true),
        ("[::]:65535", .tcp(host: "::", port: 65535), false),
        ("[fe80::1]:0", .tcp(host: "fe80::1", port: 0), false),
        ("localhost:8080", .tcp(host: "localhost", port: 8080), true),
        ("LOCALHOST:8080", .tcp(host: "LOCALHOST", port: 8080), true),
        ("id.example.com:443", .tcp(host: "id.example.com", port: 443), false),
        ("localhost.example.com:443", .tcp(host: "localhost.example.com", port: 443), false),
        ("unix:/run/postern.sock", .unix(path: "/run/postern.sock"), true),
        ("unix:/run/with:colon", .unix(path: "/run/with:colon"), true),
    ])
    func init_whenTextIsAnAddress_readsAndPrintsIt(text: String, address: ListenAddress, isLoopback: Bool) {
        #expect(ListenAddress(text) == address)
        #expect(address.description == text)
        #expect(address.isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", ":", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+80",
        "127.0.0.1:80 ", "127.0.0.1:8x", "::1:8080", "[::1]", "[::1]8080", "[]:80", "[localhost]:80", "a..b:80",
        "a b:80", "http://a:80", "a/b:80", "unix:", "unix:relative.sock", "unix:/run/", "unix:/a\0b",
        "unix:/" + String(repeating: "a", count: 107), String(repeating: "a", count: 64) + ":80",
    ])
    func init_whenTextIsNoAddress_isNil(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
