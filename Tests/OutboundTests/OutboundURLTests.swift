// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Outbound
import Testing

@Suite struct OutboundURLTests {
    @Test(arguments: [
        ("https://accounts.example.com", "https://accounts.example.com:443"),
        ("https://Accounts.Example.com:8443/a?b=c", "https://accounts.example.com:8443"),
        ("https://10.0.0.7/", "https://10.0.0.7:443"),
        ("http://localhost:9400/token", "http://localhost:9400"),
        ("http://LOCALHOST/", "http://localhost:80"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"),
        ("http://127.8.9.10", "http://127.8.9.10:80"),
        ("http://0x7f.1/", "http://127.0.0.1:80"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://[0:0::0:1]/", "http://[::1]:80"),
    ])
    func init_whenAllowed_knowsItsOrigin(text: String, origin: String) throws {
        #expect(try OutboundURL(text).origin == origin)
    }

    @Test(arguments: [
        "http://accounts.example.com/", "http://10.0.0.7/", "http://localhost.example.com/",
        "http://127.0.0.1.example.com/", "http://[::2]/", "http://[::ffff:127.0.0.1]/", "http://0/",
        "http://128.0.0.1/", "http://127.1.example/", "file:///etc/passwd", "ftp://localhost/", "gopher://localhost/",
        "ldap://localhost/", "javascript://localhost/",
    ])
    func init_whenSchemeIsForbidden_throws(text: String) {
        #expect(code(text) == .forbiddenScheme)
    }

    @Test(arguments: [
        "", "accounts", "https://", "https:///path", "https:/path", "//localhost/", "https://user@host.example/",
        "https://u:p@host.example/", "https://host.example/#fragment", "https://host.example/a b",
        "https://host.example/\r\nX: y", "https://host.example\\@b", "https://host.example:99999/",
        "https://host.example:port/", "https://[::1%25lo]/", "https://hôte.example/", "https://host.example/\u{0}",
        "https://host.example/" + String(repeating: "a", count: 2048),
    ])
    func init_whenTextIsNoPlainURL_throws(text: String) {
        #expect(code(text) == .invalidURL)
    }

    @Test func description_hidesPathAndQuery() throws {
        let url = try OutboundURL("https://host.example/secret?code=secret")
        #expect("\(url)" == "https://host.example:443")
    }

    @Test func appending_escapesNamesAndValues() throws {
        let fields = [(name: "redirect_uri", value: "https://a/b?c=d&e"), (name: "scope", value: "openid é")]
        let query = "redirect_uri=https%3A%2F%2Fa%2Fb%3Fc%3Dd%26e&scope=openid%20%C3%A9"
        for (text, joined) in [("https://a.example/b", "https://a.example/b?"), ("https://a/?p=1", "https://a/?p=1&")] {
            let url = try OutboundURL(text)
            #expect(url.appending(query: fields) == joined + query)
        }
    }

    private func code(_ text: String) -> OutboundError.Code? {
        do throws(OutboundError) {
            _ = try OutboundURL(text)
            return nil
        } catch {
            return error.code
        }
    }
}
