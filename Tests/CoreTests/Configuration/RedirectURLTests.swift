// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct RedirectURLTests {
    private func urls(_ text: String) throws(ConfigurationError) -> [RedirectURL] {
        try RedirectURL.all(Settings(environment: [SettingKey.redirectURLs: text]))
    }

    @Test func all_readsAddressesBetweenCommas() throws {
        #expect(try urls("").isEmpty)
        let both = try urls("https://app.example.com/callback, http://localhost:3000/")
        #expect(both.map { $0.matches("https://app.example.com/callback") } == [true, false])
        #expect(both.map { $0.matches("http://localhost:3000/") } == [false, true])
    }

    @Test(arguments: [
        "app.example.com", "//app.example.com", "ftp://app.example.com", "javascript:alert(1)", "data:text/html,x",
        "com.example.app:/callback", "http://app.example.com/", "http://10.0.0.1/", "http://127.0.0.1.example.com/",
        "https://", "https:///callback", "https:app.example.com", "https://*.example.com/", "https://app.example.com/*",
        "https://app.example.com/.*", "^https://app.example.com/$", "https://app.example.com/#",
        "https://a@example.com/",
        "https://app.example.com:x/", "https://app.example.com\\@evil.example/", "https://\u{E4}pp.example.com/",
        "https://app.example.com/\tx", "HTTPS://app.example.com/", "https://app.example.com/{id}",
    ])
    func all_withSomethingElse_isRefusedWithoutTheValue(text: String) {
        let error = #expect(throws: ConfigurationError.self) { try urls(text) }
        #expect(error?.description.hasPrefix("POSTERN_REDIRECT_URLS must be ") == true)
        #expect(error?.description.contains("example.com") == false)
    }

    @Test(arguments: [
        ("https://app.example.com/callback", "https://app.example.com"),
        ("https://app.example.com", "https://app.example.com"),
        ("https://App.Example.COM?x=1", "https://app.example.com"),
        ("https://app.example.com:443/", "https://app.example.com"),
        ("https://app.example.com:80/", "https://app.example.com:80"),
        ("https://app.example.com:08443/", "https://app.example.com:8443"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"), ("http://localhost:3000/", "http://localhost:3000"),
        ("http://[::1]/callback", "http://[::1]"), ("http://[::1]:8000/callback", "http://[::1]:8000"),
    ])
    func origin_isAsBrowsersWriteIt(url: String, origin: String) throws {
        #expect(try urls(url).map(\.origin) == [origin])
    }

    @Test func all_withALongAddress_isRefused() throws {
        let longest = "https://app.example.com/".padding(to: RedirectURL.maximumLength)
        #expect(try urls(longest).count == 1)
        #expect(throws: ConfigurationError.self) { try urls(longest + "a") }
    }

    @Test(arguments: [
        "", "https://app.example.com/callback/", "https://app.example.com/Callback",
        "https://app.example.com/callback?",
        "https://app.example.com/callback#", "https://app.example.com/%63allback",
        "https://app.example.com:443/callback",
        "https://app.example.com./callback", "https://APP.example.com/callback", "http://app.example.com/callback",
        "https://app.example.com@evil.example/callback", "https://app.example.com.evil.example/callback",
        "//app.example.com/callback", "/\\app.example.com/callback", "https:app.example.com/callback",
        "https://app.example.com/..;/callback", "https://app.example.com/x/../callback",
        "\thttps://app.example.com/callback",
        "https://app.example.com/callback\n", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x",
        "https://app.example.com/callbac\u{212A}",
    ])
    func matches_withAnyOtherSpelling_isFalse(candidate: String) throws {
        #expect(try urls("https://app.example.com/callback").map { $0.matches(candidate) } == [false])
    }

    @Test(arguments: [
        ("http://127.0.0.1/callback", "http://127.0.0.1:49152/callback", true),
        ("http://127.0.0.1:8000/callback", "http://127.0.0.1:49152/callback", true),
        ("http://127.0.0.1:8000/callback", "http://127.0.0.1/callback", true),
        ("http://[::1]/callback", "http://[::1]:49152/callback", true),
        ("http://127.0.0.1/callback", "http://127.0.0.1:49152/other", false),
        ("http://127.0.0.1/callback", "http://127.0.0.1:0/callback", false),
        ("http://127.0.0.1/callback", "http://127.0.0.1:65536/callback", false),
        ("http://127.0.0.1/callback", "http://127.0.0.1:/callback", false),
        ("http://127.0.0.1/callback", "http://127.0.0.1:80@evil.example/callback", false),
        ("http://127.0.0.1/callback", "http://127.0.0.1.evil.example/callback", false),
        ("http://127.0.0.1/callback", "http://127.0.0.2:80/callback", false),
        ("http://127.0.0.1/callback", "https://127.0.0.1:80/callback", false),
        ("http://localhost:3000/callback", "http://localhost:3001/callback", false),
        ("https://127.0.0.1/callback", "https://127.0.0.1:8443/callback", false),
    ])
    func matches_onLoopback_overlooksThePortAlone(url: String, candidate: String, matches: Bool) throws {
        #expect(try urls(url).map { $0.matches(candidate) } == [matches])
    }

    @Test func appending_keepsTheQueryThatIsThere() {
        #expect(RedirectURL.appending([("a", "1&b")], to: "https://x/") == "https://x/?a=1%26b")
        #expect(RedirectURL.appending([("a", "1"), ("b", "2")], to: "https://x/?c=3") == "https://x/?c=3&a=1&b=2")
    }
}

extension String {
    fileprivate func padding(to length: Int) -> String {
        self + String(repeating: "a", count: length - utf8.count)
    }
}
