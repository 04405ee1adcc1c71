// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// An address of an app that a sign-in may return to.
///
/// Setting: `POSTERN_REDIRECT_URLS`, with commas.
package struct RedirectURL: Hashable, Sendable {
    /// The longest address that is taken, in bytes: it travels in a cookie, together with more.
    package static let maximumLength = 512

    private let text: String
    /// The origin of pages at this address, as browsers write it: in small letters, and without the scheme's own port.
    package let origin: String
    /// `http://127.0.0.1` or `http://[::1]`; nil for any other host.
    private let loopbackOrigin: String?

    /// The addresses in the settings.
    ///
    /// - Throws: ``ConfigurationError`` when one of them is not acceptable.
    package static func all(_ settings: Settings) throws(ConfigurationError) -> [RedirectURL] {
        let texts = settings.text(SettingKey.redirectURLs)?.split(separator: ",") ?? []
        var urls: [RedirectURL] = []
        for text in texts { urls.append(try RedirectURL(text.filter { $0 != " " })) }
        return urls
    }

    /// - Throws: ``ConfigurationError`` unless it is an https URL, or an http URL of a loopback host, that stands for
    ///   itself alone: without wildcard, user name and fragment.
    init(_ text: String) throws(ConfigurationError) {
        let authority = Self.authority(of: text)
        guard
            text.utf8.count <= Self.maximumLength, text.utf8.allSatisfy(Self.isPlain), let authority,
            ListenAddress("\(authority):443") != nil || ListenAddress(String(authority)) != nil
        else {
            throw ConfigurationError(
                SettingKey.redirectURLs,
                "must be exact https URLs with commas between them, without wildcard, user name and fragment"
            )
        }
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        guard text.hasPrefix("https:") || ListenAddress("\(host):1")?.isLoopback == true else {
            throw ConfigurationError(
                SettingKey.redirectURLs,
                "must be of scheme https unless the host is a loopback address"
            )
        }
        self.text = text
        self.origin = Self.origin(of: text, authority: authority, host: String(host))
        self.loopbackOrigin = text.hasPrefix("http:") && ["127.0.0.1", "[::1]"].contains(host) ? "http://\(host)" : nil
    }

    /// Whether `candidate`, which anybody may have written, is this address: byte for byte.
    ///
    /// Nothing is decoded, put in order or completed, because a browser might do it otherwise. Only the port of a loopback
    /// address may be another one: apps on a desktop take whichever is free (RFC 8252 section 7.3).
    package func matches(_ candidate: String) -> Bool {
        // Not `==`, to which different bytes can be the same text.
        if candidate.utf8.elementsEqual(text.utf8) { return true }
        guard
            let loopbackOrigin, let rest = Self.withoutPort(text, behind: loopbackOrigin),
            let other = Self.withoutPort(candidate, behind: loopbackOrigin)
        else { return false }
        return other.utf8.elementsEqual(rest.utf8)
    }

    /// The address with `fields` added to the query of `url`.
    package static func appending(_ fields: [FormURLEncoded.Field], to url: String) -> String {
        url + (url.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + FormURLEncoded.encode(fields)
    }

    private static func origin(of text: String, authority: Substring, host: String) -> String {
        let isSecure = text.hasPrefix("https:")
        let origin = "\(isSecure ? "https" : "http")://\(host.lowercased())"
        guard let port = UInt16(authority.dropFirst(host.count + 1)), port != (isSecure ? 443 : 80) else {
            return origin
        }
        return "\(origin):\(port)"
    }

    private static func authority(of text: String) -> Substring? {
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) {
            return text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
        }
        return nil
    }

    /// What follows host and port in `text`; nil when it does not begin with `origin` and an optional port.
    private static func withoutPort(_ text: String, behind origin: String) -> Substring? {
        guard text.utf8.starts(with: origin.utf8) else { return nil }
        let rest = text[text.utf8.index(text.startIndex, offsetBy: origin.utf8.count)...]
        guard rest.utf8.first == UInt8(ascii: ":") else { return rest }
        let digits = rest.utf8.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let port = UInt16(Substring(digits)), port > 0 else { return nil }
        return rest[digits.endIndex...]
    }

    /// Visible ASCII without what begins a fragment, looks like a pattern, or browsers read as something else.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !"#*\\@^|<>\"{}`".utf8.contains(byte)
    }
}
