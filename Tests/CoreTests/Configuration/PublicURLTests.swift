// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct PublicURLTests {
    @Test(arguments: [
        ("https://id.example.com", true, ""), ("https://id.example.com:8443", true, ""),
        ("https://localhost", true, ""),
        ("https://example.com/id", true, "/id"), ("https://example.com/a/b-c_d~e.f", true, "/a/b-c_d~e.f"),
        ("https://192.0.2.1", true, ""), ("https://[2001:db8::1]:8443/id", true, "/id"),
        ("https://unix.example.com", true, ""),
        ("http://localhost", false, ""), ("http://localhost:8080", false, ""), ("http://LOCALHOST:8080", false, ""),
        ("http://127.0.0.1:8080", false, ""), ("http://127.1.2.3/id", false, "/id"), ("http://[::1]", false, ""),
        ("http://[::1]:8080", false, ""),
    ])
    func init_whenTextIsAnAddress_keepsIt(text: String, isSecure: Bool, path: String) throws {
        let url = try PublicURL(text)
        #expect(url.text == text)
        #expect("\(url)" == text)
        #expect(url.isSecure == isSecure)
        #expect(url.path == path)
    }

    @Test(arguments: [
        "", "id.example.com", "//id.example.com", "ftp://id.example.com", "HTTPS://id.example.com", "https:/a",
        "https://",
        "https:///id", "https://id.example.com/", "https://example.com/id/", "https://user@example.com",
        "https://user:hunter2@example.com", "https://example.com?a=b", "https://example.com#a", "https://exämple.com",
        "https://example.com/a b", "https://example.com/%2e", "https://:8443", "https://example.com:", "https://a:b",
        "https://a:70000", "https://a:1:2", "https://[::1", "https://[zz]", "https://::1", "https://a..b",
        "https://a\r\nb", "http://localhost@example.com",
    ])
    func init_whenTextIsNone_isRefusedWithoutRepeatingIt(text: String) {
        #expect(
            refusal { try PublicURL(text) }
                == "POSTERN_PUBLIC_URL must be a URL of scheme https with a host, and no query, fragment, user name or "
                + "slash at its end"
        )
    }

    @Test(arguments: [
        "http://id.example.com", "http://10.0.0.1", "http://0.0.0.0:8080", "http://localhost.example.com",
        "http://127.0.0.1.example.com", "http://[::2]", "http://128.0.0.1",
    ])
    func init_whenPlainHTTPWouldLeaveTheHost_isRefused(text: String) {
        #expect(
            refusal { try PublicURL(text) }
                == "POSTERN_PUBLIC_URL must be of scheme https unless its host is a loopback address"
        )
    }
}
